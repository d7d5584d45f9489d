import { readFile, writeFile } from "node:fs/promises";
import { fillFieldTables, observeAll } from "../apps/proxy/test/field-table/field-table.js";

/** Writes what becomes of every field into the proxy's README; a test says when that is due. */
const readme = new URL("../apps/proxy/README.md", import.meta.url);
await writeFile(readme, fillFieldTables(await readFile(readme, "utf8"), await observeAll()));
