/**
 * What a generator is: a function of the sources that returns whole files.
 *
 * The same sources give the same text, octet for octet, so that drift can be found by comparing.
 * Paths are relative to the root of the project; TypeScript and JSON come out formatted.
 *
 * To add one, write it next to this file and list it in generators.ts.
 */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

export type Generator = () => readonly GeneratedFile[] | Promise<readonly GeneratedFile[]>;
