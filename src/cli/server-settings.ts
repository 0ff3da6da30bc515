import { dirname, resolve } from 'node:path';
import { type Config, readConfig } from '../platform/config.ts';
import { PLUGINS_VARIABLE, type PluginSetup } from '../platform/own-plugins.ts';
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
  setUpPlugins(config);
  const { serverConfigOf } = await import('../server/config/server-config.ts');
  return { ...settingsOf(config, places, invocation), server: serverConfigOf(config, places) };
}

/** Names the plugins of the configuration before anything is loaded that has a list of plugins. */
function setUpPlugins({ file, server }: Config): void {
  const { worker = {} } = (server.clair ?? {}) as { readonly worker?: Readonly<Record<string, unknown>> };
  const setup: PluginSetup = {
    files: texts(server.plugins).map((path) => resolve(dirname(file ?? '.'), path)),
    chosen: { listers: texts(worker?.feature_listers), detectors: texts(worker?.namespace_detectors) },
  };
  const isPlain = [setup.files, ...Object.values(setup.chosen)].every((list) => list.length === 0);
  if (!isPlain) process.env[PLUGINS_VARIABLE] = JSON.stringify(setup);
}

/** What is wrong with a value is said where the configuration is checked. */
function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
