import type { Scope } from '../model/scope.ts';

/** How closely an annotation's scope names a report's; the highest decides. */
const RANKS = { all: 1, transversal: 2, project: 3, component: 4 } as const;

/**
 * Whether what is written for one scope holds of a report, and how closely.
 *
 * @param written `/Project/Component`, `/Project`, a bare name (transversal); absent or `*` for all.
 * @returns 0 where it does not hold; else higher for what is closer.
 */
export function scopeRank(written: string | undefined, { transversal, project, component }: Scope): number {
  if (written === undefined || written === '*') return RANKS.all;
  if (!written.startsWith('/')) return written === transversal ? RANKS.transversal : 0;
  if (project === undefined) return 0;
  if (written === `/${project}`) return RANKS.project;
  return component !== undefined && written === `/${project}/${component}` ? RANKS.component : 0;
}
