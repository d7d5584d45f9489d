import type { NextConfig } from "next";

const isDevelopment = process.env.NODE_ENV === "development";

/**
 * What a page of this app may load: its own files and nothing else. An answer is text of a model: without this, an
 * image or a frame in it could carry what was said here to somebody else's server.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  // Next writes its data into the page as scripts; in development it also evaluates.
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ""}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join("; ");

const config: NextConfig = {
  poweredByHeader: false,
  devIndicators: false,
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "content-security-policy", value: contentSecurityPolicy },
        { key: "referrer-policy", value: "no-referrer" },
        { key: "x-content-type-options", value: "nosniff" },
      ],
    },
  ],
};

export default config;
