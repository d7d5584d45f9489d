import OpenAI6 from "openai";
import OpenAI7 from "openai-7";

/** The official SDK, as people have it: version 7 has the surface of version 6, so tests take its type for both. */
export const sdks = [
  ["6", OpenAI6],
  ["7", OpenAI7 as unknown as typeof OpenAI6],
] as const;
