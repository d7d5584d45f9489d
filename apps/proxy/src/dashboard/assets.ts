import { readFile } from "node:fs/promises";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The files of the page, as they lie in the package; no other name leads to a file. */
export const assetNames: ReadonlySet<string> = new Set([
  "index.html",
  "locked.html",
  "style.css",
  "main.js",
  "charts.js",
  "panels.js",
  "format.js",
  "icon.svg",
]);

const read = new Map<string, Promise<string>>();

/** A file of the page. It is read once. */
export async function readAsset(name: string, folder: URL): Promise<{ text: string; type: string }> {
  let text = read.get(name);
  if (text === undefined) {
    text = readFile(new URL(name, folder), "utf8");
    read.set(name, text);
  }
  return { text: await text, type: types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream" };
}
