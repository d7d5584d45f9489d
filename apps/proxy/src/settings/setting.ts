/** What every setting has, whatever its type: enough to read it from everywhere and to describe it. */
interface Described {
  /** Without the dashes. */
  flag?: string;
  short?: string;
  env?: string;
  /** What stands for the value in the help, e.g. `NUMBER`. */
  value?: string;
  /** For people; a sentence without a full stop. */
  help: string;
  /** For people, where no default value says it. */
  shownDefault?: string;
  /** Whether a change of config.toml counts at once; otherwise the proxy has to be started anew. */
  live?: true;
  /** Whether it must not be shown. */
  secret?: true;
  /** Whether it concerns a proxy only: other commands don't look at it, be it right or wrong. */
  proxyOnly?: true;
}

/** By type: how it is written on the command line, in the environment and in TOML, and what it becomes. */
interface TextSetting<T> extends Described {
  type: "text";
  /** Whether `true`, `false`, 1 and 0 are taken in config.toml as well, without quotes. */
  takesWords?: true;
  default?: T;
  parse: (text: string, name: string) => T;
}
/** A file or folder: in config.toml relative to its own folder, `~` for the person's. */
interface PathSetting extends Described {
  type: "path";
  default?: undefined;
}
export interface NumberSetting extends Described {
  type: "number";
  default: number;
  parse: (text: string, name: string) => number;
}
interface SwitchSetting extends Described {
  type: "switch";
  default: false;
}
interface ListSetting extends Described {
  type: "list";
  default: readonly string[];
  parse: (text: string, name: string) => string;
}
interface MapSetting extends Described {
  type: "map";
  /** Whether a value in config.toml may be a number too. */
  takesNumbers?: true;
  default: Readonly<Record<string, string>>;
  parse: (text: string, name: string) => [string, string];
}

export type Setting = TextSetting<string> | PathSetting | NumberSetting | SwitchSetting | ListSetting | MapSetting;
