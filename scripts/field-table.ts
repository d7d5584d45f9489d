import { readFile, writeFile } from "node:fs/promises";
import { fillFieldTables, observeAll } from "../apps/proxy/test/field-table/field-table.js";

/** Writes what becomes of every field into docs/fields.md; a test says when that is due. */
const readme = new URL("../docs/fields.md", import.meta.url);
await writeFile(readme, fillFieldTables(await readFile(readme, "utf8"), await observeAll()));
