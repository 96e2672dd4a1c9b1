/**
 * Every parser is in a property test, and a new one fails here until it is.
 *
 * What counts is the name: a function or class of src that parses, reads, decodes, splits or scans
 * what comes from elsewhere. It is covered when a test of this folder imports it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../helpers/temp-project.js';

const PARSER =
  /^export (?:async )?(?:function\*?|class) ((?:parse|read|decode|split)[A-Z]\w*|create\w+(?:Scanner|Collector|Guard|Parser|Exchange|Converter)|InputReader)\b/gm;

/** Covered through another one, or fed by nobody but the operator's own files. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  createCramMd5Exchange: 'by createSaslExchange',
  createLoginExchange: 'by createSaslExchange',
  createPlainExchange: 'by createSaslExchange',
  parseMechanism: 'a look into a list of three words',
  readBracket: 'by readPattern',
  readBounded: 'reads a file; its content goes to parseUsers',
  readCertificate: 'OpenSSL reads the certificate',
  readConfigFile: 'by parseConfigText',
  readHead: 'by readAnswer',
  readHostname: 'by readConfig',
  readKeyFile: 'reads a file; its content goes to readSigningKey',
  readNegativeTtl: 'by readAnswer',
  readProxyBinary: 'by createProxyParser',
  readProxyLine: 'by createProxyParser',
  readProxyTls: 'by createProxyParser',
  readQuantity: 'by readConfig',
  readRecord: 'by readAnswer',
  readScalar: 'by readConfig',
  readSettingsFile: 'by readSetting, and parseConfigText',
  readUserLine: 'by parseUsers',
  splitKey: 'by readConfig',
};

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'));
}

it('every parser has a property test', () => {
  const parsers = filesBelow('src').flatMap((text) =>
    [...text.matchAll(PARSER)].map(([, name = '']) => name),
  );
  const imports = filesBelow('test/fuzz')
    .flatMap((text) => [...text.matchAll(/^import [^;]*?from '[^']*\/src\/[^']*'/gm)])
    .join('\n');
  const missing = parsers.filter((name) => !new RegExp(`\\b${name}\\b`).test(imports));
  expect(missing.filter((name) => !(name in ELSEWHERE)).sort()).toEqual([]);
  expect(Object.keys(ELSEWHERE).filter((name) => !missing.includes(name))).toEqual([]);
});
