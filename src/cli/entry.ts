/**
 * The program's entry. It loads nothing that an old runtime could not parse before it has looked at the runtime's version,
 * so a wrong one gets one clear sentence.
 */
const MINIMUM = { major: 22, minor: 18 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor)) {
  process.stderr.write(
    `cvescan: needs Node.js ${MINIMUM.major}.${MINIMUM.minor} or newer, this is ${process.versions.node}\n`,
  );
  process.exitCode = 1;
} else {
  void import('./main.ts');
}
