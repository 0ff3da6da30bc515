import type { PackageLister } from '../lister.ts';
import { filteredReason, rpmVersion, sourceOfRpm } from './rpm/identity.ts';

/**
 * Lists the rpms of distroless CBL-Mariner and Azure Linux images, which have no rpm database.
 *
 * Each line of `container-manifest-2` has ten fields, parted by tabs: name, version-release, installation time, build time,
 * vendor, epoch or `(none)`, size, architecture, epoch as a number, source rpm.
 * Source: toolkit/docs/how_it_works/5_misc.md of https://github.com/microsoft/azurelinux, "RPM manifest file".
 */
export const rpmManifestLister: PackageLister = {
  name: 'rpm-manifest',
  version: 1,
  databaseDirectories: ['var/lib/rpmmanifest'],
  wants: ({ path }) => path === 'var/lib/rpmmanifest/container-manifest-2',

  async *list(file, { problem }) {
    for (const line of (await file.text()).split('\n')) {
      if (line.trim() === '') continue;
      const fields = line.split('\t').map((field) => (field === '(none)' ? '' : field.trim()));
      const [name, version, , , vendor, epoch, , arch, epochNumber, sourceRpm] = fields;
      const statedEpoch = epochNumber || epoch || '0';
      if (!name || !version || !/^\d{1,10}$/.test(statedEpoch)) {
        const message = `no name, version or epoch in ${JSON.stringify(line.slice(0, 80))}`;
        problem({ code: 'lister.incomplete-entry', path: file.path, message });
        continue;
      }
      const source = sourceOfRpm(sourceRpm);
      const filtered = filteredReason(name);
      yield {
        name,
        version: rpmVersion(Number(statedEpoch), version),
        versionScheme: 'rpm',
        type: 'rpm',
        ...(arch && { arch }),
        ...(source && { source }),
        ...(vendor && { properties: { vendor } }),
        ...(filtered && { filtered }),
      };
    }
  },
};
