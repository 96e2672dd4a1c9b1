/** docs/reference/errors.md: every error code with its text and what to do. */
import { ERRORS, type ErrorRow, RETIRED } from '../../src/core/error-table.js';
import type { GeneratedFile } from './generator.js';
import { code, head, page } from './markdown.js';

const INTRO = `Every error carries one of these codes; match on the code, never on the text. Words in braces are filled in.
A code keeps its meaning for ever.`;

export function errorsPage(): readonly GeneratedFile[] {
  const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(ERRORS);
  const sections = rows.map(([name, row]) => section(name, row));
  const retired =
    RETIRED.length === 0 ? [] : ['## Retired', RETIRED.map((name) => `- ${code(name)}`).join('\n')];
  const text = page([head('Errors', 'src/core/error-table.ts'), INTRO, ...sections, ...retired]);
  return [{ path: 'docs/reference/errors.md', text }];
}

function section(name: string, row: ErrorRow): string {
  const waiting = row.temporary ? 'Waiting may help.' : 'Waiting does not help.';
  return [`## ${name}`, `> ${row.message.replaceAll('<', '&lt;')}`, `${row.hint} ${waiting}`].join('\n\n');
}
