import { readFile, writeFile } from "node:fs/promises";
import { fillSettingsTable } from "../apps/proxy/src/settings/describe-settings.js";

/** Writes the table of settings into the proxy's README; a test says when that is due. */
const readme = new URL("../apps/proxy/README.md", import.meta.url);
await writeFile(readme, fillSettingsTable(await readFile(readme, "utf8")));
