import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawRecord, rawRecords } from './oracle/osv-oracle.ts';
import { type ReportedFinding, scanInventory } from './oracle/scan-report.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();

const ECOSYSTEMS: Readonly<Record<string, string>> = {
  ...{ npm: 'npm', pypi: 'PyPI', maven: 'Maven', golang: 'Go', cargo: 'crates.io', gem: 'RubyGems' },
  ...{ composer: 'Packagist', nuget: 'NuGet', hex: 'Hex', pub: 'Pub', swift: 'SwiftURL' },
};

/**
 * Each row was looked up by a person in the raw record: the range of it that holds the version. In the version that mends it the
 * vulnerability must be gone.
 */
// biome-ignore format: a table
const checked = [
  // package, version, vulnerability, record, introduced, fixed, what the row shows beside
  ['npm/lodash', '4.17.20', 'CVE-2021-23337', 'GHSA-35jh-r3h4-6jhm', '0', '4.17.21', ''],
  ['npm/lodash', '4.17.10', 'CVE-2018-16487', 'GHSA-4xc9-xhrj-v574', '0', '4.17.11', ''],
  ['npm/minimist', '1.2.5', 'CVE-2021-44906', 'GHSA-xvch-5gv4-984h', '1.0.0', '1.2.6', ''],
  ['npm/axios', '1.7.3', 'CVE-2024-39338', 'GHSA-8hc4-vh64-cxmj', '1.3.2', '1.7.4', ''],
  ['npm/ws', '7.5.9', 'CVE-2024-37890', 'GHSA-3h5v-q93c-6h6q', '7.0.0', '7.5.10', ''],
  ['npm/node-fetch', '2.6.6', 'CVE-2022-0235', 'GHSA-r683-j2x4-v87g', '0', '2.6.7', ''],
  ['npm/node-fetch', '3.0.0-beta.8', 'CVE-2020-15168', 'GHSA-w7rc-rwvf-8q5r', '3.0.0-beta.1', '3.0.0-beta.9', 'pre-releases are ordered by number'],
  ['npm/jquery', '3.3.1', 'CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq', '1.1.4', '3.4.0', ''],
  ['npm/semver', '5.7.1', 'CVE-2022-25883', 'GHSA-c2qf-rxjj-qqgw', '0', '5.7.2', ''],
  ['npm/event-stream', '3.3.6', 'GHSA-mh6f-8j2x-4483', 'GHSA-mh6f-8j2x-4483', '3.3.6', '4.0.0', 'malware: no CVE'],
  ['npm/moment', '2.29.1', 'CVE-2022-24785', 'GHSA-8hfj-j24r-96c4', '0', '2.29.2', ''],
  ['pypi/requests', '2.30.0', 'CVE-2023-32681', 'GHSA-j8r2-6x86-q33q', '2.3.0', '2.31.0', ''],
  ['pypi/Django', '1.4.1', 'CVE-2012-4520', 'GHSA-2655-q453-22f9', '1.4', '1.4.2', ''],
  ['pypi/Flask', '2.3.1', 'CVE-2023-30861', 'GHSA-m2qf-hxjv-5gpq', '2.3.0', '2.3.2', ''],
  ['pypi/Jinja2', '2.10', 'CVE-2019-10906', 'GHSA-462w-v97r-4m45', '0', '2.10.1', ''],
  ['pypi/Pillow', '10.1.0', 'CVE-2023-50447', 'GHSA-3f63-hfp8-52jq', '0', '10.2.0', ''],
  ['pypi/urllib3', '1.26.18', 'CVE-2024-37891', 'GHSA-34jh-p97f-mpxf', '0', '1.26.19', ''],
  ['pypi/PyYAML', '5.3.1', 'CVE-2020-14343', 'GHSA-8q59-q68h-6hv4', '0', '5.4', ''],
  ['pypi/pyyaml', '5.1b7', 'CVE-2020-1747', 'GHSA-6757-jp84-gxfx', '5.1b7', '5.3.1', 'a beta is the first one'],
  ['pypi/cryptography', '42.0.3', 'CVE-2024-26130', 'GHSA-6vqw-3v5j-54x4', '38.0.0', '42.0.4', ''],
  ['pypi/aiohttp', '3.10.10', 'CVE-2024-52303', 'GHSA-27mf-ghqm-j3j8', '3.10.6', '3.10.11', ''],
  ['pypi/setuptools', '69.5.1', 'CVE-2024-6345', 'GHSA-cx63-2mw6-8hw5', '0', '70.0.0', ''],
  ['maven/org.apache.logging.log4j/log4j-core', '2.15.0', 'CVE-2021-45046', 'GHSA-7rjr-3q55-vv33', '2.13.0', '2.16.0', ''],
  ['maven/org.apache.logging.log4j/log4j-core', '2.17.0', 'CVE-2021-44832', 'GHSA-8489-44mv-ggj8', '2.13.0', '2.17.1', ''],
  ['maven/org.springframework/spring-beans', '5.3.17', 'CVE-2022-22965', 'GHSA-36p3-wjmg-h94x', '5.3.0', '5.3.18', ''],
  ['maven/org.springframework/spring-beans', '5.2.21.RELEASE', 'CVE-2022-22970', 'GHSA-hh26-6xwr-ggv7', '0', '5.2.22.RELEASE', 'a qualifier behind the number'],
  ['maven/com.fasterxml.jackson.core/jackson-databind', '2.9.10.3', 'CVE-2020-11619', 'GHSA-27xj-rqx5-2255', '2.9.0', '2.9.10.4', ''],
  ['maven/org.apache.struts/struts2-core', '6.3.0.1', 'CVE-2023-50164', 'GHSA-2j39-qcjm-428w', '6.0.0', '6.3.0.2', ''],
  ['maven/commons-collections/commons-collections', '3.2.1', 'CVE-2015-7501', 'GHSA-fjq5-5j5f-mvxh', '0', '3.2.2', ''],
  ['maven/org.yaml/snakeyaml', '1.30', 'CVE-2022-25857', 'GHSA-3mc7-4q67-w48m', '0', '1.31', ''],
  ['maven/io.netty/netty-codec-http2', '4.1.59.Final', 'CVE-2021-21295', 'GHSA-wm47-8v5p-wjpj', '4.0.0', '4.1.60.Final', '.Final is the release'],
  ['maven/org.apache.commons/commons-text', '1.9', 'CVE-2022-42889', 'GHSA-599f-7c49-w659', '1.5', '1.10.0', ''],
  ['maven/com.google.guava/guava', '31.1-jre', 'CVE-2023-2976', 'GHSA-7g45-4rm6-3mm3', '1.0', '32.0.0-android', 'below 32.0.0-android, and -jre is no other branch'],
  ['golang/golang.org/x/net', '0.12.0', 'CVE-2023-3978', 'GHSA-2wrh-6pvc-2jm9', '0', '0.13.0', ''],
  ['golang/golang.org/x/net', 'v0.0.0-20190812203447-cdfb69ac37fc', 'CVE-2019-9514', 'GHSA-39qc-96h7-956f', '0', '0.0.0-20190813141303-74dc4d7220e7', 'pseudo-versions are ordered by time'],
  ['golang/golang.org/x/crypto', 'v0.16.0', 'CVE-2023-48795', 'GHSA-45x7-px36-x8w8', '0', '0.17.0', ''],
  ['golang/github.com/gin-gonic/gin', 'v1.9.0', 'CVE-2023-29401', 'GHSA-2c4m-59x9-fr2g', '1.3.1-0.20190301021747-ccb9e902956d', '1.9.1', ''],
  ['golang/stdlib', '1.16.0', 'CVE-2021-27919', 'GO-2021-0067', '1.16.0-0', '1.16.1', '-0: the release candidates too'],
  ['golang/stdlib', '1.15.4', 'CVE-2020-28362', 'GO-2021-0069', '1.15.0-0', '1.15.5', '-0: the release candidates too'],
  ['golang/github.com/containerd/containerd', 'v1.6.17', 'CVE-2023-25153', 'GHSA-259w-8hf6-59c2', '1.6.0', '1.6.18', ''],
  ['golang/github.com/opencontainers/runc', 'v1.0.0-rc94', 'CVE-2021-30465', 'GHSA-c3xm-pvg7-gh7r', '0', '1.0.0-rc95', 'a release candidate below another'],
  ['golang/gopkg.in/yaml.v2', 'v2.2.7', 'CVE-2019-11254', 'GHSA-wxc4-f4m6-wwqv', '0', '2.2.8', ''],
  ['golang/github.com/golang-jwt/jwt/v4', 'v4.5.0', 'CVE-2024-51744', 'GHSA-29wx-vh33-7x7r', '0', '4.5.1', ''],
  ['golang/github.com/dgrijalva/jwt-go', 'v3.2.0+incompatible', 'CVE-2020-26160', 'GHSA-w73w-5m7g-f7qc', '0.0.0-20150717181359-44718f8a89b0', '', 'up to and with 3.2.0; +incompatible counts as nothing'],
  ['cargo/time', '0.2.22', 'CVE-2020-26235', 'RUSTSEC-2020-0071', '0.0.0-0', '0.2.23', ''],
  ['cargo/openssl', '0.10.69', 'CVE-2025-24898', 'RUSTSEC-2025-0004', '0.0.0-0', '0.10.70', ''],
  ['cargo/regex', '1.5.4', 'CVE-2022-24713', 'RUSTSEC-2022-0013', '0.0.0-0', '1.5.5', ''],
  ['cargo/hyper', '0.14.9', 'CVE-2021-32714', 'RUSTSEC-2021-0079', '0.0.0-0', '0.14.10', ''],
  ['cargo/tokio', '1.23.0', 'CVE-2023-22466', 'RUSTSEC-2023-0001', '1.7.0', '1.23.1', ''],
  ['cargo/smallvec', '1.6.0', 'CVE-2021-25900', 'RUSTSEC-2021-0003', '0.6.3', '1.6.1', 'two of RustSec; this one up to 1.6.1'],
  ['cargo/rustls', '0.23.4', 'CVE-2024-32650', 'RUSTSEC-2024-0336', '0.0.0-0', '0.23.5', ''],
  ['cargo/crossbeam-deque', '0.8.0', 'CVE-2021-32810', 'RUSTSEC-2021-0093', '0.0.0-0', '0.8.1', ''],
  ['cargo/idna', '0.5.0', 'CVE-2024-12224', 'RUSTSEC-2024-0421', '0.0.0-0', '1.0.0', ''],
  ['cargo/mio', '0.8.10', 'CVE-2024-27308', 'RUSTSEC-2024-0019', '0.7.2', '0.8.11', ''],
  ['cargo/curve25519-dalek', '4.1.2', 'CVE-2024-58262', 'RUSTSEC-2024-0344', '0.0.0-0', '4.1.3', ''],
  ['gem/rack', '3.0.9', 'CVE-2024-26141', 'GHSA-xj5v-6v4g-jfw6', '3.0.0', '3.0.9.1', ''],
  ['gem/rack', '2.2.3', 'CVE-2022-30123', 'GHSA-wq4h-7r42-5hrr', '2.2', '2.2.3.1', ''],
  ['gem/nokogiri', '1.13.5', 'CVE-2022-29181', 'GHSA-xh29-r2w5-wx8m', '0', '1.13.6', ''],
  ['gem/actionpack', '7.1.4', 'CVE-2024-41128', 'GHSA-x76w-6vjr-8xgj', '7.1.0', '7.1.4.1', ''],
  ['gem/devise', '4.7.0', 'CVE-2019-16109', 'GHSA-fcjw-8rhj-gwwc', '0', '4.7.1', ''],
  ['gem/puma', '5.6.1', 'CVE-2022-23634', 'GHSA-rmj8-8hhh-gv5h', '5.0.0', '5.6.2', ''],
  ['gem/activesupport', '4.2.1', 'CVE-2015-3226', 'GHSA-vxvp-4xwc-jpp6', '4.2.0', '4.2.2', ''],
  ['gem/rexml', '3.3.5', 'CVE-2024-43398', 'GHSA-vmwr-mc7x-5vc3', '0', '3.3.6', ''],
  ['gem/sinatra', '2.1.0', 'CVE-2022-29970', 'GHSA-qp49-3pvw-x4m5', '0', '2.2.0', ''],
  ['gem/json', '2.2.0', 'CVE-2020-10663', 'GHSA-jphg-qwrw-7w9g', '0', '2.3.0', ''],
  ['gem/loofah', '2.2.0', 'CVE-2018-8048', 'GHSA-x7rv-cr6v-4vm4', '0', '2.2.1', ''],
  ['composer/symfony/http-foundation', '2.8.51', 'CVE-2019-18888', 'GHSA-xhh6-956q-4q69', '2.0.0', '2.8.52', ''],
  ['composer/guzzlehttp/guzzle', '7.4.3', 'CVE-2022-31043', 'GHSA-w248-ffj2-4v5q', '7.0.0', '7.4.4', ''],
  ['composer/guzzlehttp/guzzle', '6.5.7', 'CVE-2022-31091', 'GHSA-q559-8m2m-g699', '0', '6.5.8', ''],
  ['composer/laravel/framework', 'v7.23.2', 'CVE-2020-24941', 'GHSA-w68r-5p45-5rqp', '7.0.0', '7.24.0', ''],
  ['composer/twig/twig', '3.14.0', 'CVE-2024-51755', 'GHSA-jjxq-ff2g-95vh', '3.12', '3.14.1', ''],
  ['composer/twig/twig', '2.6.2', 'CVE-2019-9942', 'GHSA-vxrc-68xx-x48g', '2.0.0', '2.7.0', ''],
  ['composer/phpmailer/phpmailer', '6.4.0', 'CVE-2020-36326', 'GHSA-m298-fh5c-jc66', '6.1.8', '6.4.1', ''],
  ['composer/phpunit/phpunit', '5.6.2', 'CVE-2017-9841', 'GHSA-r7c9-c69m-rph8', '5.0.10', '5.6.3', ''],
  ['composer/drupal/core', '8.7.0', 'CVE-2019-11831', 'GHSA-xv7v-rf6g-xwrc', '8.7.0', '8.7.1', ''],
  ['composer/league/commonmark', '0.18.0', 'CVE-2018-20583', 'GHSA-qx76-c53f-5c7q', '0.15.6', '0.18.1', ''],
  ['composer/guzzlehttp/psr7', '2.4.4', 'CVE-2023-29197', 'GHSA-wxmh-65f7-jcvw', '2.0.0', '2.4.5', ''],
  ['composer/composer/composer', '2.2.11', 'CVE-2022-24828', 'GHSA-x7cr-6qr6-2hh6', '2.0', '2.2.12', ''],
  ['nuget/Newtonsoft.Json', '12.0.3', 'CVE-2024-21907', 'GHSA-5crp-9r3c-p9vr', '0', '13.0.1', ''],
  ['nuget/System.Text.Encodings.Web', '4.7.1', 'CVE-2021-26701', 'GHSA-ghhp-997w-qr28', '4.6.0', '4.7.2', ''],
  ['nuget/System.Net.Http', '4.3.1', 'CVE-2017-0248', 'GHSA-ch6p-4jcm-h8vh', '4.3.1', '4.3.2', 'one version alone'],
  ['nuget/Microsoft.AspNetCore.Http', '2.1.1', 'CVE-2020-1045', 'GHSA-hxrm-9w7p-39cc', '0', '2.1.22', ''],
  ['nuget/Npgsql', '8.0.2', 'CVE-2024-32655', 'GHSA-x9vc-6hfv-hg8c', '8.0.0', '8.0.3', ''],
  ['nuget/SixLabors.ImageSharp', '3.1.4', 'CVE-2024-41132', 'GHSA-qxrv-gp6x-rc23', '3.0.0', '3.1.5', ''],
  ['nuget/log4net', '2.0.9', 'CVE-2018-1285', 'GHSA-2cwj-8chv-9pp9', '0', '2.0.10', ''],
  ['nuget/bootstrap', '4.1.1', 'CVE-2018-14041', 'GHSA-pj7m-g53m-7638', '4.0.0', '4.1.2', ''],
  ['nuget/jQuery', '2.2.4', 'CVE-2015-9251', 'GHSA-rmxg-73gg-4p98', '1.12.3', '3.0.0', ''],
  ['nuget/System.Text.Json', '8.0.4', 'CVE-2024-43485', 'GHSA-8g4q-xg66-9fp4', '8.0.0', '8.0.5', ''],
  ['nuget/RestSharp', '111.4.1', 'CVE-2024-45302', 'GHSA-4rr6-2v9v-wcpc', '107.0.0-preview.1', '112.0.0', 'a pre-release begins the range'],
  ['hex/ecto', '2.2.0', 'CVE-2017-20166', 'GHSA-4r2f-6fm9-2qgh', '2.2.0', '2.2.1', 'one version alone'],
  ['hex/jose', '1.11.6', 'CVE-2023-50966', 'GHSA-9mg4-v392-8j68', '0', '1.11.7', ''],
  ['hex/livebook', '0.9.2', 'CVE-2023-35174', 'GHSA-564w-97r7-c6p9', '0.9.0', '0.9.3', ''],
  ['hex/mtproto_proxy', '0.7.2', 'CVE-2023-45312', 'GHSA-738q-mc72-2q22', '0', '', 'up to and with 0.7.2'],
  ['hex/oidcc', '3.2.0-beta.2', 'CVE-2024-31209', 'GHSA-mj35-2rgf-cv8p', '3.2.0-beta.1', '3.2.0-beta.3', 'three ranges; this one of betas'],
  ['hex/phoenix', '1.6.13', 'CVE-2022-42975', 'GHSA-p8f7-22gq-m7j9', '0', '1.6.14', ''],
  ['hex/phoenix_html', '3.0.3', 'CVE-2021-46871', 'GHSA-5g2h-9x5v-5h3x', '0', '3.0.4', ''],
  ['hex/plug', '1.3.4', 'CVE-2018-1000883', 'GHSA-9h73-w7ch-rh73', '1.3.0', '1.3.5', ''],
  ['hex/pow', '1.0.33', 'CVE-2023-42446', 'GHSA-3cjh-p6pw-jhv9', '1.0.14', '1.0.34', ''],
  ['hex/rabbit_common', '3.8.0', 'CVE-2019-11291', 'GHSA-9pf7-f47q-mwpq', '3.8.0', '3.8.1', ''],
  ['hex/sweet_xml', '0.6.6', 'CVE-2019-15160', 'GHSA-qpmc-wprv-x746', '0', '0.7.0', ''],
  ['pub/agent_dart', '1.0.0-dev.28', 'CVE-2024-48915', 'GHSA-fmj7-7gfw-64pg', '0', '1.0.0-dev.29', ''],
  ['pub/archive', '3.3.7', 'CVE-2023-39137', 'GHSA-r285-q736-9v95', '0', '3.3.8', ''],
  ['pub/archive', '3.3.7', 'CVE-2023-39139', 'GHSA-9v85-q87q-g4vg', '0', '3.3.8', ''],
  ['pub/dio', '4.0.6', 'CVE-2021-31402', 'GHSA-9324-jv53-9cc8', '0', '5.0.0', ''],
  ['pub/http', '0.13.2', 'CVE-2020-35669', 'GHSA-4rgh-jx4f-qfcq', '0', '0.13.3', ''],
  ['pub/personnummer', '3.0.2', 'CVE-2023-22963', 'GHSA-4xh4-v2pq-jvhm', '0', '3.0.3', ''],
  ['pub/pubnub', '4.2.4', 'CVE-2023-26154', 'GHSA-5844-q3fc-56rh', '0', '4.3.0', ''],
  ['pub/serverpod_auth_server', '1.2.5', 'CVE-2024-29886', 'GHSA-r75m-26cq-mjxc', '0', '1.2.6', ''],
  ['pub/serverpod_client', '1.2.5', 'CVE-2024-29887', 'GHSA-h6x7-r5rg-x5fw', '0', '1.2.6', ''],
  ['pub/shared_preferences_android', '2.3.3', 'GHSA-3hpf-ff72-j67p', 'GHSA-3hpf-ff72-j67p', '2.3.3', '2.3.4', 'one version alone; no CVE'],
  ['swift/github.com/apple/swift-nio', '2.41.1', 'CVE-2022-3215', 'GHSA-7fj7-39wj-c64f', '2.41.0', '2.42.0', ''],
  ['swift/github.com/apple/swift-nio', '2.13.0', 'GHSA-mgc4-wqv7-4pxm', 'GHSA-mgc4-wqv7-4pxm', '2.0.0', '2.13.1', ''],
  ['swift/github.com/apple/swift-nio-http2', '1.19.1', 'CVE-2022-24667', 'GHSA-w3f6-pc54-gfw7', '1.0.0', '1.19.2', ''],
  ['swift/github.com/apple/swift-nio-http2', '1.27.0', 'CVE-2023-44487', 'GHSA-qppj-fm5r-hxr3', '0', '1.28.0', ''],
  ['swift/github.com/apple/swift-asn1', '1.3.0', 'CVE-2025-0343', 'GHSA-w8xv-rwgf-4fwh', '0', '1.3.1', ''],
  ['swift/github.com/apple/swift-corelibs-foundation', '5.6.1', 'CVE-2022-1642', 'GHSA-239c-6cv2-wwx8', '0', '5.6.2', ''],
  ['swift/github.com/apple/swift-nio-extras', '1.10.2', 'CVE-2022-3252', 'GHSA-773g-x274-8qmf', '1.10.0', '1.10.3', ''],
  ['swift/github.com/grpc/grpc-swift', '1.7.1', 'CVE-2022-24777', 'GHSA-r6ww-5963-7r95', '0', '1.7.2', ''],
  ['swift/github.com/marmelroy/Zip', '2.1.2', 'CVE-2023-39135', 'GHSA-g454-wj9r-jpg4', '0', '', 'up to and with 2.1.2'],
  ['swift/github.com/swift-server/async-http-client', '1.13.1', 'CVE-2023-0040', 'GHSA-v3r5-pjpm-mwgq', '1.13.0', '1.13.2', ''],
] as const;

describe.skipIf(!shared)('findings in language packages that a person checked', () => {
  /** By package type and id: each ecosystem has a copy of a record with its own packages. */
  const records = new Map<string, RawRecord>();
  const findings = new Map<string, ReportedFinding>();
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-checked-'));
  beforeAll(() => {
    for (const [type, ecosystem] of Object.entries(ECOSYSTEMS))
      for (const record of rawRecords(shared!.mirror, ecosystem)) records.set(`${type} ${record.id}`, record);
    const purls = checked.flatMap(([name, version, , , , fixed]) => [
      purlOf(name, version),
      ...mended(name, version, fixed),
    ]);
    writeFileSync(join(folder, 'checked.txt'), [...new Set(purls)].join('\n'));
    const report = scanInventory(`sbom:${join(folder, 'checked.txt')}`, advisoryDatabase());
    const purlById = new Map(report.packages.map(({ id, purl = '' }) => [id, keyOf(purl)]));
    for (const finding of report.findings)
      findings.set(`${purlById.get(finding.packageId)} ${finding.vulnerability.id}`, finding);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('ten or more of each ecosystem', () => {
    const counts = Map.groupBy(checked, ([name]) => name.slice(0, name.indexOf('/')));
    expect([...counts.keys()].sort()).toEqual(Object.keys(ECOSYSTEMS).sort());
    for (const rows of counts.values()) expect(rows.length).toBeGreaterThanOrEqual(10);
  });

  for (const [name, version, id, record, introduced, fixed, shows] of checked) {
    const range = `${introduced} <= v${fixed === '' ? '' : ` < ${fixed}`}`;
    test(`${name} ${version}: ${id}, as ${record} says ${range}${shows === '' ? '' : `: ${shows}`}`, () => {
      expect(rangesOf(records.get(`${name.slice(0, name.indexOf('/'))} ${record}`), name)).toContainEqual([
        introduced,
        fixed,
      ]);
      const finding = findings.get(`${keyOf(purlOf(name, version))} ${id}`);
      expect(finding).toMatchObject({ status: 'affected', ...(fixed !== '' && { fixState: 'fixed' }) });
      if (fixed !== '') expect(finding?.fixedVersions.map((one) => one.replace(/^v/, ''))).toContain(fixed);
      for (const purl of mended(name, version, fixed)) expect(findings.get(`${keyOf(purl)} ${id}`)).toBe(undefined);
    });
  }
});

function purlOf(name: string, version: string): string {
  return `pkg:${name}@${version.replace('+', '%2B')}`;
}

/** Capitals and escapes differ in purls of the same package. */
function keyOf(purl: string): string {
  return decodeURIComponent(purl).toLowerCase();
}

function mended(name: string, version: string, fixed: string): readonly string[] {
  return fixed === '' ? [] : [purlOf(name, `${version.startsWith('v') ? 'v' : ''}${fixed}`)];
}

/** The pairs of `introduced` and `fixed` that a raw record states for a package; `` where it states no fix. */
function rangesOf(record: RawRecord | undefined, purlName: string): readonly (readonly [string, string])[] {
  const [type, ...path] = purlName.split('/');
  const name = path.join(type === 'maven' ? ':' : '/').toLowerCase();
  return (record?.affected ?? [])
    .filter((affected) => affected.package?.name.toLowerCase() === name)
    .flatMap(({ ranges = [] }) => ranges)
    .flatMap(({ events }) =>
      events.flatMap(({ introduced }, n) =>
        introduced === undefined ? [] : [[introduced, events[n + 1]?.fixed ?? ''] as const],
      ),
    );
}
