/**
 * `postern explain <id>`: why a message or a client got the answer it got.
 *
 * Takes what people quote: the reference at the end of a refusal, a queue id, a session id, or a
 * Message-ID. Reads the stored traces only, so it works beside a running server and after it.
 */
import { type Command, Option } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { tracesDir } from '../../app/paths.js';
import { EngineError } from '../../core/errors.js';
import { explainTrace } from '../../traces/explain.js';
import { findTrace } from '../../traces/find-trace.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint } from '../report-error.js';

interface ExplainOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

async function explain(id: string, options: ExplainOptions, { terminal, end }: Frame): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const found = await findTrace(tracesDir(config), id);
  if (found === undefined) throw new EngineError('ERR_TRACE_NOT_FOUND', { detail: { id } });
  if (options.output === 'json') {
    terminal.print(JSON.stringify({ asked: id, step: found.step?.n ?? null, ...found.record }, null, 2));
    return;
  }
  terminal.print(explainTrace(found).join('\n'));
  const wantsStep = /[.-]\d+\)?\s*$/.test(id);
  if (wantsStep && found.step === undefined) {
    terminal.complain(
      complaint(`the session is kept, but not the step of ${id}`, 'Look for it in the steps above.'),
    );
    end(EXIT.findings);
  }
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<id>', 'reference of a refusal (0m7c3k9qab1x.4), queue id, session id or Message-ID')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((id: string, options: ExplainOptions) => explain(id, options, frame));
}
