/**
 * Loads the configuration and opens its resolver for the length of one command.
 *
 * Callers: cli/commands that ask DNS. Rejects as `loadConfig` throws, and as `run` does; the resolver
 * is closed in any case.
 */
import type { Config } from '../app/config-types.js';
import { loadConfig } from '../app/load-config.js';
import { openResolver } from '../app/open-resolver.js';
import { systemClock } from '../core/clock.js';
import type { Resolver } from '../dns/resolver.js';
import { type ConfigOptions, loadOptions } from './config-options.js';
import type { Frame } from './frame.js';

export async function withResolver(
  options: ConfigOptions,
  { terminal }: Frame,
  run: (resolver: Resolver, config: Config) => Promise<void>,
): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const resolver = openResolver(config, systemClock);
  try {
    await run(resolver, config);
  } finally {
    resolver.close();
  }
}
