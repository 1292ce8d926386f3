/** What a back end makes: relative paths (with '/') and contents. Nobody here touches a file system. */
export type GeneratedFiles = ReadonlyMap<string, string | Uint8Array>;

/** Templates and kernels, as the host holds them. */
export interface Assets {
  /** A file of templates/, e.g. "c/model.c.ejs". */
  readonly template: (path: string) => string;
  /** Files of hw/FOLDER that belong into generated projects, by path relative to it. */
  readonly hardware: (folder: string) => ReadonlyMap<string, string>;
}
