// One of undici's own modules, which it has no declarations for; dispatcher.ts says why it is taken by itself.
declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  // biome-ignore lint/style/noDefaultExport: that is how undici has it.
  export default Agent;
}
