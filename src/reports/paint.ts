import pc from 'picocolors';

/** Colours for terminals, or none: every function then returns its text as it is. */
export type Paint = ReturnType<typeof pc.createColors>;

/** @param color of the terminal (`terminalOf`). */
export function paintFor(color: boolean): Paint {
  return pc.createColors(color);
}
