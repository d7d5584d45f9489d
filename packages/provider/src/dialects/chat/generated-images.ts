import { adjust, type Notes } from "../../canonical/context.js";
import type { OutputItem } from "../../canonical/events.js";
import { textOf } from "../../canonical/item-parts.js";
import { isFields } from "../../canonical/read-fields.js";
import type { InputItem } from "../../canonical/request.js";

/** A generated image as a data URL in the field that clients of other gateways read; undefined for other items. */
export function encodeImage(item: OutputItem): Record<string, unknown> | undefined {
  const data = textOf(item.result);
  if (item.type !== "image_generation_call" || data === "") return undefined;
  const format = textOf(item.output_format) || "png";
  return { type: "image_url", image_url: { url: `data:image/${format};base64,${data}` } };
}

/** The images of an answer that a client sends back, as what they were: calls of the image tool with their results. */
export function parseGeneratedImages(images: unknown, notes: Notes): InputItem[] {
  if (!Array.isArray(images)) return [];
  const items: InputItem[] = [];
  for (const image of images) {
    const source = isFields(image) ? image.image_url : undefined;
    const data = dataUrl.exec(textOf(isFields(source) ? source.url : source));
    if (data) items.push({ type: "image_generation_call", status: "completed", result: data[1] });
    else adjust(notes, { field: "messages[].images", action: "dropped", detail: "not an image as a data URL" });
  }
  return items;
}

const dataUrl = /^data:image\/[\w.+-]+;base64,(.+)$/s;
