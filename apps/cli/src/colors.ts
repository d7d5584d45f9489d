import { styleText } from "node:util";

const styles = ["bold", "dim", "green", "red", "yellow"] as const;

/** Each style of ours as a function of the text. */
export type Colors = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

/** @param areShown otherwise texts stay as they are */
export function createColors(areShown: boolean): Colors {
  // Newer versions of Node would look at stdout by themselves, for a text that may go to stderr.
  const options = { validateStream: false };
  const paint = (style: (typeof styles)[number]) => (text: string) =>
    areShown ? styleText(style, text, options) : text;
  return Object.fromEntries(styles.map((style) => [style, paint(style)])) as Colors;
}
