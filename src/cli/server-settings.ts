import { readConfig } from '../platform/config.ts';
import { placesOf } from '../platform/places.ts';
import type { ServerConfig } from '../server/config/server-config.ts';
import type { Invocation } from './command.ts';
import { type Settings, settingsOf } from './settings.ts';

/** Where Clair's own configuration lies: the last place that the server looks at. */
const CLAIR_CONFIG = '/etc/clair/config.yaml';

/** Where the server looks for its configuration. */
export function configPlaces(env: Invocation['env']): readonly string[] {
  return [...placesOf(env).configFiles, CLAIR_CONFIG];
}

/** The server's configuration, and with it what all commands are told. @throws ScannerError `config.invalid`. */
export async function readServerSettings(
  invocation: Pick<Invocation, 'options' | 'env'>,
  chosen = invocation.options.config,
): Promise<Settings & { readonly server: ServerConfig }> {
  const places = placesOf(invocation.env);
  const file = typeof chosen === 'string' ? chosen : undefined;
  const config = await readConfig(invocation.env, configPlaces(invocation.env), file);
  const { serverConfigOf } = await import('../server/config/server-config.ts');
  return { ...settingsOf(config, places, invocation), server: serverConfigOf(config, places) };
}
