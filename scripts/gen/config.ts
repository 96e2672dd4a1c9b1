/** docs/reference/config.md and etc/postern.schema.json: every setting of postern.yaml. */
import { environmentName } from '../../src/app/config-environment.js';
import { ruleText } from '../../src/app/config-defaults.js';
import { configJsonSchema } from '../../src/app/config-json-schema.js';
import { ROOT } from '../../src/app/config-keys.js';
import { integerRange } from '../../src/app/config-scalars.js';
import type { ObjectSpec, SettingSpec } from '../../src/app/config-spec.js';
import type { GeneratedFile } from './generator.js';
import { code, head, page, table } from './markdown.js';

const INTRO = `Postern reads one file, \`postern.yaml\`, in the folder where it is started, or the file that \`--config\` or the
environment variable \`POSTERN_CONFIG\` names. Every setting has a default, so the file may be missing or empty. What is
not a setting is refused, with the line and the nearest name. \`postern check\` tells everything that is wrong at once;
\`postern config explain\` shows each effective value and where it came from.`;

const ORDER = `Later ones win:

1. the default;
2. the file;
3. environment variables: \`POSTERN_\` and the name in capitals, words separated by one underscore, steps down by two:
   \`POSTERN_DATA_DIR\`, \`POSTERN_QUEUE__MAX_RETRY\`, \`POSTERN_LISTENERS__0__PORT\`. Lists are separated by commas, or
   written as JSON. A variable with this prefix that is no setting is refused;
4. settings that a host program gives;
5. options of the command line: \`--port\`, \`--data-dir\`, and \`--set key=value\` for any setting.

A list replaces the whole list of the step before; \`POSTERN_LISTENERS__0__PORT\` changes one value in it. All settings
are read once, at the start, unless the table says "at once".`;

const TYPES = `- **duration**: \`250ms\`, \`30s\`, \`5m\`, \`8h\`, \`7d\`, \`2w\`; a plain number is seconds.
- **size**: \`512\`, \`64KB\`, \`10MB\`, \`2GB\`; a plain number is octets, and 1 KB is 1024 octets.
- **path**: relative paths count from the folder of the file; given as an option, from the current folder.
- **network**: an address, or a network such as \`10.0.0.0/8\`. **server**: an address, with a port as in
  \`192.0.2.53:53\` or \`[2001:db8::53]:53\`. **domain**: \`example.com\`, or \`*\` for all. **domainPattern**:
  the same, and \`*.example.com\` for all domains below one. **destination**: \`maildir\`, \`lmtp://127.0.0.1:24\`,
  \`lmtp:///run/lmtp.sock\` or \`smtp://mail.internal:25\`.`;

function bounds(min: string | number, max: string | number): string {
  return `${min} to ${max}`;
}

function typeText(spec: SettingSpec): string {
  switch (spec.kind) {
    case 'integer':
    case 'port':
      return `${spec.kind}, ${bounds(...integerRange(spec))}`;
    case 'duration':
    case 'size':
      return `${spec.kind}, ${bounds(spec.min, spec.max)}`;
    case 'choice':
      return spec.values.map(code).join(', ');
    case 'boolean':
      return '`true`, `false`';
    case 'list':
      return `list of ${spec.item.kind}`;
    default:
      return spec.kind;
  }
}

function defaultText(spec: SettingSpec): string {
  if (spec.kind === 'object') return '';
  if (spec.kind === 'list') {
    const [first] = spec.default;
    if (typeof first === 'object') return 'one item with the defaults below';
    return code(`[${spec.default.join(', ')}]`);
  }
  if (typeof spec.default === 'object') return ruleText(spec.default, code);
  if (spec.default === '<machine>') return 'name of the machine';
  return spec.default === undefined || spec.default === '' ? 'none' : code(String(spec.default));
}

function row(name: string, spec: SettingSpec): readonly string[] {
  const meaning = spec.live ? `${spec.doc} Takes effect at once.` : spec.doc;
  return [code(name), typeText(spec), defaultText(spec), meaning.replaceAll('<', '&lt;')];
}

function settingsTable(spec: ObjectSpec): string {
  const leaves = Object.entries(spec.fields).filter(([, field]) => field.kind !== 'object');
  return table(
    ['Setting', 'Type', 'Default', 'Meaning'],
    leaves.map(([name, field]) => row(name, field)),
  );
}

/** A section and those inside it, each with its own table; deeper ones have smaller headings. */
function section(name: string, spec: SettingSpec, level = 2): readonly string[] {
  const below = spec.kind === 'list' ? spec.item : spec;
  if (below.kind !== 'object') return [];
  const key = spec.kind === 'list' ? `${name}[]` : name;
  const example = Object.keys(below.fields)[0] ?? '';
  const variable = environmentName(`${key}.${example}`);
  return [
    `${'#'.repeat(level)} ${name}`,
    `${spec.doc} In the environment: ${code(variable)} and so on.`,
    settingsTable(below),
    ...Object.entries(below.fields).flatMap(([field, inner]) => section(`${key}.${field}`, inner, level + 1)),
  ];
}

export function configPages(): readonly GeneratedFile[] {
  const sections = Object.entries(ROOT.fields).flatMap(([name, spec]) => section(name, spec));
  const text = page([
    head('Configuration', 'src/app/config-schema.ts'),
    INTRO,
    ORDER,
    '## Values',
    TYPES,
    '## Top level',
    settingsTable(ROOT),
    ...sections,
  ]);
  return [
    { path: 'docs/reference/config.md', text },
    { path: 'etc/postern.schema.json', text: `${JSON.stringify(configJsonSchema(), null, 2)}\n` },
  ];
}
