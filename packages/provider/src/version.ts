import manifest from "../package.json" with { type: "json" };

/** Our own version, as the user agent says it: built into the package, so that nothing is read when it is loaded. */
export const version: string = manifest.version;
