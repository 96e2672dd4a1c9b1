/**
 * Checks citations and file headers; keeps the last column of docs/rfc.md.
 *
 * Every citation reads `RFC 5321` or `RFC 5321 §4.5.3.1.8`; every cited RFC has a row in
 * docs/rfc.md; a row marked Yes is cited by code and by a test; every file of src opens with a
 * contract of 3 to 12 lines; nothing says "to do". `--write` writes the column, without it a
 * column that is out of date is a complaint. Prints complaints as `file:line: text`, exits 1.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Citation {
  readonly file: string;
  readonly rfc: number;
}

const ROOT = join(import.meta.dirname, '..');
const INDEX = 'docs/rfc.md';
const STATUSES = ['Yes', 'Partial', 'No'];
const complaints: string[] = [];

function complain(file: string, line: number, text: string): void {
  complaints.push(`${file}:${line}: ${text}`);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|dialog)$/.test(name))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** Anything that looks like a citation. `rfc822` as a word of the protocol (a media or address type) is none. */
const LOOKS_LIKE = /\brfc[\s*_-]{0,8}(\d{3,5})\b/gi;
/** What may not follow the number: another word for a section, or a section sign in another form. */
const MALFORMED_TAIL = /^(?:,?[\s*]{1,8}(?:section|sect\.|sec\.|chapter|§§)|§|[\s*]{2,8}§| §(?!\d|[A-Z]\b))/i;

function citationsIn(file: string, text: string): Citation[] {
  const found: Citation[] = [];
  for (const match of text.matchAll(LOOKS_LIKE)) {
    if (match[0] === 'rfc822') continue;
    const line = text.slice(0, match.index).split('\n').length;
    const tail = text.slice(match.index + match[0].length, match.index + match[0].length + 40);
    if (match[0] !== `RFC ${match[1]}` || MALFORMED_TAIL.test(tail)) {
      complain(file, line, `write the citation as "RFC ${match[1]}" or "RFC ${match[1]} §4.2", on one line`);
    }
    found.push({ file, rfc: Number(match[1]) });
  }
  return found;
}

/** Purpose, callers, failure, RFC: three lines at least, twelve at most, without the two delimiters. */
function checkHeader(file: string, text: string): void {
  const body = text.startsWith('#!') ? text.slice(text.indexOf('\n') + 1) : text;
  const lines = body.slice(0, body.indexOf('*/')).split('\n').length - 2;
  if (!body.startsWith('/**')) complain(file, 1, 'the file does not open with a contract comment');
  else if (file.endsWith('.d.ts')) return;
  else if (lines < 3 || lines > 12) complain(file, 1, `the contract has ${lines} lines; 3 to 12 are wanted`);
}

function checkUnfinished(file: string, text: string): void {
  text.split('\n').forEach((line, i) => {
    if (/\b(?:TODO|FIXME|XXX)\b/.test(line)) complain(file, i + 1, 'unfinished business belongs to an issue');
  });
}

function sourcesOf(citations: readonly Citation[]): string {
  const code = new Set(citations.filter((c) => !c.file.startsWith('test/')).map((c) => c.file));
  const tests = new Set(citations.filter((c) => c.file.startsWith('test/')).map((c) => c.file));
  const names = [...code].map((file) => `\`${file.replace(/^src\//, '')}\``);
  if (tests.size > 0) names.push(tests.size === 1 ? '1 test file' : `${tests.size} test files`);
  return names.join(', ');
}

function checkStatus(line: number, cells: readonly string[], citations: readonly Citation[]): void {
  const [rfc, , status] = cells;
  if (!STATUSES.includes(status ?? ''))
    complain(INDEX, line, `status is ${STATUSES.join(', ')}, not "${status}"`);
  if (status !== 'Yes') return;
  if (!citations.some((c) => c.file.startsWith('src/')))
    complain(INDEX, line, `RFC ${rfc} is Yes, but no code cites it`);
  if (!citations.some((c) => c.file.startsWith('test/')))
    complain(INDEX, line, `RFC ${rfc} is Yes, but no test cites it`);
}

/** Reads the table `| 5321 | Title | Status | Cited by |`; gives the text with the last column filled. */
function fillIndex(text: string, citations: readonly Citation[]): string {
  const listed = new Set<number>();
  const lines = text.split('\n').map((line, i) => {
    if (!/^\| \d{3,5} \|/.test(line)) return line;
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    const rfc = Number(cells[0]);
    const mine = citations.filter((c) => c.rfc === rfc);
    listed.add(rfc);
    checkStatus(i + 1, cells, mine);
    return `| ${[...cells.slice(0, 3), sourcesOf(mine)].join(' | ')} |`;
  });
  const missing = new Map(citations.filter((c) => !listed.has(c.rfc)).map((c) => [c.rfc, c.file]));
  for (const [rfc, file] of missing) complain(file, 1, `RFC ${rfc} has no row in ${INDEX}`);
  return lines.join('\n');
}

const citations: Citation[] = [];
for (const file of ['src', 'policies', 'test'].flatMap(filesBelow)) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  citations.push(...citationsIn(file, text));
  checkUnfinished(file, text);
  if (file.startsWith('src/')) checkHeader(file, text);
}

const before = readFileSync(join(ROOT, INDEX), 'utf8');
const after = fillIndex(before, citations);
if (process.argv.includes('--write')) writeFileSync(join(ROOT, INDEX), after);
else if (after !== before) complain(INDEX, 1, 'the last column is out of date; run `npm run gen`');

for (const complaint of complaints) console.error(complaint);
console.log(`rfc: ${citations.length} citations, ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
