/** Bulletins on packages: Red Hat and its kin, Amazon, Debian, Ubuntu, SUSE, Mageia, openEuler, Photon. */
const ERRATUM =
  /^(?:(?:RH|AL|RL|EL|CE)[SBE]A|RXSA|ALAS\w*|DSA|DLA|DTSA|USN|LSN|(?:open)?SUSE-\w+|MGA[AS]A|OESA|openEuler-\w+|PHSA|FEDORA)-/i;

/** Whether an id names an erratum: an advisory, never a vulnerability, and so never an alias of one. */
export function isErratum(id: string): boolean {
  return ERRATUM.test(id);
}

/** Whether an erratum is one on bugs or new features, by its publisher's own kind (`ALBA`, `RHEA`). */
export function isErratumWithoutSecurity(id: string): boolean {
  return /^(?:RH|AL|RL|EL|CE)[BE]A-/i.test(id);
}
