/**
 * Reads `postern.yaml` into a tree whose nodes know their lines.
 *
 * YAML 1.2, one document. A key given twice, an unknown tag, an alias that multiplies without
 * bound, a file above its largest size or nested deeper than any setting is refused before anything looks at
 * the values. Problems are collected, not thrown: a reader wants to see all of them.
 *
 * Callers: load-config, settings-file. Nothing here throws.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { ConfigError, messageOf } from '../core/errors.js';
import type { Origin } from './config-origin.js';
import { DEEPEST, emptyMap, type Raw, type RawMap, rawScalar } from './config-raw.js';

/** Largest configuration file, in octets. */
const LARGEST_FILE = 262_144;
/** Nodes of the tree after aliases are followed; far above any sensible file. */
const MOST_NODES = 50_000;
/** Each alias costs a walk over the document. */
const MOST_ALIASES = 1000;
/** Faults of the parser that are told. */
const MOST_FAULTS = 10;

export interface FileReading {
  readonly root: Raw;
  readonly problems: readonly ConfigError[];
}

/** Up to one octet more than is allowed, so that the caller can tell a file that is too large. */
function readBounded(file: string, largest: number): Buffer {
  // Opening a pipe would wait until somebody writes into it.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const state = fstatSync(handle);
    if (!state.isFile() && !state.isDirectory()) throw new Error('it is no regular file');
    const buffer = Buffer.alloc(largest + 1);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(handle, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(handle);
  }
}

const READ_TROUBLE: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
]);

function unreadable(file: string, reason: string, cause?: unknown): FileReading {
  const problem = new ConfigError('ERR_CONFIG_FILE', { detail: { file, reason }, cause });
  return { root: emptyMap({ from: 'file', file, line: 1 }), problems: [problem] };
}

/** Reads and parses a file of at most `largest` octets; `shown` is its name in messages. */
export function readConfigFile(file: string, shown: string, largest: number = LARGEST_FILE): FileReading {
  let bytes: Buffer;
  try {
    bytes = readBounded(file, largest);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return unreadable(shown, READ_TROUBLE.get(code) ?? messageOf(error), error);
  }
  if (bytes.length > largest) return unreadable(shown, `it is larger than ${largest / 1024} KB`);
  try {
    return parseConfigText(new TextDecoder('utf-8', { fatal: true }).decode(bytes), shown);
  } catch (error) {
    return unreadable(shown, 'it is not UTF-8 text', error);
  }
}

/** Where the parser's own words would not help; by its code, or by its text. */
const SYNTAX_WORDS: ReadonlyMap<string, string> = new Map([
  ['DUPLICATE_KEY', 'this setting was given before'],
  ['TAB_AS_INDENT', 'a tab indents this line; use spaces'],
  ['MULTIPLE_DOCS', 'the file holds more than one document'],
  ['BLOCK_AS_IMPLICIT_KEY', 'two settings on one line; text that holds ": " needs quotes'],
  [
    'All mapping items must start at the same column',
    'the indentation differs from that of the settings above',
  ],
  ['Sequence item without - indicator', 'the indentation differs from that of the list item above'],
  ['Maximum call stack size exceeded', 'it is nested too deeply'],
  ['TAG_RESOLVE_FAILED', 'tags such as !name are not used here; text that begins with ! needs quotes'],
]);

/** Parses the text of a configuration file. */
export function parseConfigText(text: string, file: string): FileReading {
  const lines = new LineCounter();
  const trouble = (line: number, reason: string): ConfigError =>
    new ConfigError('ERR_CONFIG_SYNTAX', { detail: { file, line, reason } });
  const empty = emptyMap({ from: 'file', file, line: 1 });
  let parsed: Document.Parsed;
  try {
    parsed = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser recurses; text nested thousands deep exhausts its stack.
    const reason = error instanceof RangeError ? 'it is nested too deeply' : messageOf(error);
    return { root: empty, problems: [trouble(1, reason)] };
  }
  const faults: YAMLError[] = [...parsed.errors, ...parsed.warnings];
  if (faults.length > 0) {
    // One slip can break every line below it; the first few say enough.
    const told = faults.slice(0, MOST_FAULTS).map((fault) => {
      const words = SYNTAX_WORDS.get(fault.code) ?? SYNTAX_WORDS.get(fault.message);
      return trouble(lines.linePos(fault.pos[0]).line, words ?? fault.message.split('\n')[0] ?? fault.code);
    });
    return { root: empty, problems: told };
  }
  const tree = new TreeReader(parsed, lines, file);
  const root = parsed.contents === null ? empty : tree.read(parsed.contents, empty.origin, 0);
  return { root, problems: tree.problems.map(({ line, reason }) => trouble(line, reason)) };
}

/** Follows the parsed nodes; the count of nodes and the depth stay below their limits. */
class TreeReader {
  readonly problems: { line: number; reason: string }[] = [];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #file: string;
  #nodes = 0;
  #aliases = 0;

  constructor(document: Document.Parsed, lines: LineCounter, file: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
  }

  read(node: unknown, origin: Origin, depth: number): Raw {
    this.#nodes += 1;
    if (depth > DEEPEST || this.#nodes > MOST_NODES)
      return this.#refuse(origin, 'there are too many values below this line');
    if (isAlias(node)) {
      this.#aliases += 1;
      if (this.#aliases > MOST_ALIASES) return this.#refuse(origin, 'there are too many aliases');
      const target = node.resolve(this.#document);
      return target ? this.read(target, origin, depth + 1) : this.#refuse(origin, 'this alias has no anchor');
    }
    if (isMap(node)) return this.#readMap(node, origin, depth);
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((item) => this.read(item, this.#origin(item, origin), depth + 1)),
        origin,
      };
    }
    return rawScalar(isScalar(node) ? node.value : null, origin, false);
  }

  #readMap(node: YAMLMap, origin: Origin, depth: number): Raw {
    const map: RawMap = emptyMap(origin);
    for (const pair of node.items) {
      const at = this.#origin(pair.key, origin);
      if (isScalar(pair.key)) map.entries.set(String(pair.key.value), this.read(pair.value, at, depth + 1));
      else this.#refuse(at, 'the name of a setting must be a word');
    }
    return map;
  }

  #refuse(origin: Origin, reason: string): Raw {
    const line = origin.from === 'file' ? origin.line : 1;
    // Thousands of nodes above the limit make one complaint, not thousands.
    if (!this.problems.some((known) => known.reason === reason)) this.problems.push({ line, reason });
    return rawScalar(null, origin, false);
  }

  #origin(node: unknown, fallback: Origin): Origin {
    const start = (node as Node | null)?.range?.[0];
    return start === undefined
      ? fallback
      : { from: 'file', file: this.#file, line: this.#lines.linePos(start).line };
  }
}
