import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

/** The APIs that have a table, with the SDK's type of a request and the file that declares it. */
export const apis = {
  "chat/completions": { type: "ChatCompletionCreateParamsBase", file: "resources/chat/completions/completions.d.ts" },
  responses: { type: "ResponseCreateParamsBase", file: "resources/responses/responses.d.ts" },
  completions: { type: "CompletionCreateParamsBase", file: "resources/completions.d.ts" },
} as const;

export type Api = keyof typeof apis;

const sdks = ["openai", "openai-7"];

/** What an SDK's types say: the fields of each API, and of a type the names of its own fields. */
export interface SdkTypes {
  /** Every field of a request, in the SDK's order. */
  fields(api: Api): string[];
  /** The fields of an object that a request holds, e.g. of `reasoning`; of a union those of all its members. */
  inside(api: Api, field: string): string[];
  /** The fields of an exported type. */
  ofType(api: Api, type: string): string[];
}

/** Reads the types of each SDK that the tests use, with the TypeScript compiler. */
export function readSdks(): SdkTypes[] {
  const require = createRequire(import.meta.url);
  return sdks.map((sdk) => readTypes(dirname(require.resolve(sdk))));
}

function readTypes(folder: string): SdkTypes {
  // Only these files: following their imports would read the whole SDK.
  const roots = [...Object.values(apis).map(({ file }) => file), "resources/shared.d.ts"].map((file) =>
    join(folder, file),
  );
  const program = ts.createProgram(roots, { noLib: true, noResolve: true, types: [], strict: true });
  const checker = program.getTypeChecker();

  function typeOf(api: Api, name: string): ts.Type {
    const source = program.getSourceFile(join(folder, apis[api].file));
    const module = source && checker.getSymbolAtLocation(source);
    const symbol = module && checker.getExportsOfModule(module).find((entry) => entry.name === name);
    if (symbol === undefined) throw new Error(`The SDK in ${folder} has no type ${name}.`);
    return checker.getDeclaredTypeOfSymbol(symbol);
  }
  const requestOf = (api: Api) => typeOf(api, apis[api].type);
  const namesOf = (type: ts.Type) => checker.getPropertiesOfType(type).map(({ name }) => name);

  return {
    fields: (api) => namesOf(requestOf(api)),
    ofType: (api, type) => namesOf(typeOf(api, type)),
    inside(api, field) {
      const property = checker.getPropertyOfType(requestOf(api), field);
      if (property === undefined) throw new Error(`${api} has no field ${field}.`);
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      const members = type.isUnion() ? type.types : [type];
      const objects = members.filter((member) => member.isClassOrInterface());
      return [...new Set(objects.flatMap(namesOf))];
    },
  };
}
