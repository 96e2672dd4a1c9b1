/** docs/reference/settings.md: the administrative settings, by controller. */
import { LARGEST_SETTINGS_FILE } from '../../src/app/settings-file.js';
import { LONGEST_PATTERN } from '../../src/settings/qregex.js';
import type { SettingSpec } from '../../src/settings/setting-spec.js';
import { CONTROLLER_NAMES, SETTINGS_TABLE } from '../../src/settings/settings-table.js';
import type { GeneratedFile } from './generator.js';
import { code, head, page, table } from './markdown.js';

const INTRO = `These settings hold at once, for every session that begins after they are set. Today they stand in the
[settings file](../operations/settings-file.md); names and meanings are those of the administration interface that will
take its place. "Documented" is the default that the original documents; Postern does not put it in force. While a
setting is not set, what the column "Not set" names holds. The file may have ${LARGEST_SETTINGS_FILE / 1024} KB.`;

function typeText(spec: SettingSpec): string {
  switch (spec.kind) {
    case 'choice':
      return spec.values.map(code).join(', ');
    case 'integer':
      return `integer, ${spec.min} to ${spec.max}${spec.unit === undefined ? '' : `, ${spec.unit}`}`;
    case 'greeting':
      return `text of at most ${spec.longest} characters that begins with a full host name`;
    case 'patterns':
      return `list of at most ${spec.most} address patterns, ${LONGEST_PATTERN} characters each`;
    case 'zones':
      return `list of at most ${spec.most} DNS names`;
  }
}

function unsetText(spec: SettingSpec): string {
  if ('unset' in spec && spec.unset !== undefined) return spec.unset;
  const initial = 'initial' in spec ? spec.initial : undefined;
  return typeof initial === 'object' ? 'none' : String(initial);
}

function row([name, spec]: readonly [string, SettingSpec]): readonly string[] {
  const documented = spec.documented === 'not in the original' ? spec.documented : code(spec.documented);
  return [code(name), typeText(spec), documented, unsetText(spec), spec.doc.replaceAll('<', '&lt;')];
}

export function settingsPage(): readonly GeneratedFile[] {
  const sections = CONTROLLER_NAMES.flatMap((controller) => [
    `## ${controller}`,
    table(
      ['Setting', 'Type', 'Documented', 'Not set', 'Meaning'],
      Object.entries<SettingSpec>(SETTINGS_TABLE[controller]).map(row),
    ),
  ]);
  const text = page([head('Administrative settings', 'src/settings/settings-table.ts'), INTRO, ...sections]);
  return [{ path: 'docs/reference/settings.md', text }];
}
