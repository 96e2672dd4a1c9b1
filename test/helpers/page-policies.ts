/**
 * The policies that a page of the documentation shows, as they stand there.
 *
 *     const text = pagePolicy('docs/checks.md', 'greylist');
 *
 * A policy is a TypeScript block that defines one by that name.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './temp-project.js';

/** All of them, by name, in the order of the page. */
export function pagePolicies(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const found = new Map<string, string>();
  for (const [, block = ''] of text.matchAll(/^```ts\n([^]*?)^```$/gm)) {
    const name = /^ {2}name: '([\w-]+)',$/m.exec(block)?.[1];
    if (name !== undefined) found.set(name, block);
  }
  return found;
}

export function pagePolicy(page: string, name: string): string {
  const text = pagePolicies(page).get(name);
  if (text === undefined) throw new Error(`${page} shows no policy ${name}`);
  return text;
}
