/** Our own version, told to the issuer. A test holds it to package.json. */
export const version = "0.0.0";
