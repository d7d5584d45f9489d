/** Our own version, as the user agent says it. A test holds it to package.json. */
export const version = "0.0.0";
