/**
 * `postern config explain` and `postern config schema`.
 *
 * explain shows each effective setting and where it came from; schema prints the JSON Schema of
 * `postern.yaml` for an editor. Both only read.
 */
import { type Command, Option } from 'commander';
import { type ExplainedSetting, explainConfig } from '../../app/config-explain.js';
import { configJsonSchema } from '../../app/config-json-schema.js';
import { meantName } from '../../app/config-keys.js';
import { loadConfig } from '../../app/load-config.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint, printable } from '../report-error.js';
import { formatTable } from '../text-table.js';

interface ExplainOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

/** `queue` takes everything below it, `listeners.0` is `listeners[0]`. */
function selectSettings(all: readonly ExplainedSetting[], key: string): readonly ExplainedSetting[] {
  const wanted = key.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  return all.filter(
    (row) => row.key === wanted || row.key.startsWith(`${wanted}.`) || row.key.startsWith(`${wanted}[`),
  );
}

function explain(key: string | undefined, options: ExplainOptions, { terminal, end }: Frame): void {
  const loaded = loadConfig(loadOptions(options, terminal));
  const all = explainConfig(loaded);
  const rows = key === undefined ? all : selectSettings(all, key);
  if (rows.length === 0) {
    const sections = all.map((row) => row.key.split(/[.[]/, 1)[0] ?? '');
    const meant = meantName(key ?? '', [...new Set(sections), ...all.map((row) => row.key)]);
    const hint =
      meant === undefined ? 'docs/reference/config.md lists every setting.' : `Did you mean "${meant}"?`;
    terminal.complain(complaint(`there is no setting "${key ?? ''}"`, hint));
    end(EXIT.findings);
    return;
  }
  if (options.output === 'json') {
    terminal.print(
      JSON.stringify(
        rows.map(({ key: name, value, text, from }) => ({ key: name, value, text, from })),
        null,
        2,
      ),
    );
    return;
  }
  const file =
    loaded.file === undefined
      ? 'no configuration file; defaults are in force'
      : `configuration file ${loaded.file}`;
  const lines = rows.map((row) => [row.key, row.text, row.from]);
  const about = rows.length === 1 ? `\n${rows[0]?.doc ?? ''}` : '';
  terminal.print(printable(`${file}\n\n${formatTable([['SETTING', 'VALUE', 'FROM'], ...lines])}${about}`));
}

export function defineCommand(command: Command, frame: Frame): void {
  const explaining = command
    .command('explain')
    .description('show each effective setting, its value and where it came from')
    .argument('[key]', 'one setting or section, for example queue or listeners[0].port')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'));
  addConfigOptions(explaining).action((key: string | undefined, options: ExplainOptions) => {
    explain(key, options, frame);
  });
  command
    .command('schema')
    .description('print the JSON Schema of postern.yaml')
    .action(() => {
      frame.terminal.print(JSON.stringify(configJsonSchema(), null, 2));
    });
}
