/**
 * Groups of artifacts whose archives bear no `pom.properties` (they are built by Gradle, Ant or sbt), so that the name is all there
 * is. Only names that nobody else uses on Maven Central. A name that ends in `*` stands for all that begin so; the first that fits
 * counts.
 */
const GROUPS: readonly (readonly [group: string, artifacts: string])[] = [
  ['org.springframework.boot', 'spring-boot*'],
  ['org.springframework.security', 'spring-security-*'],
  ['org.springframework.data', 'spring-data-*'],
  ['org.springframework.cloud', 'spring-cloud-*'],
  ['org.springframework.session', 'spring-session-*'],
  ['org.springframework.integration', 'spring-integration-*'],
  ['org.springframework.kafka', 'spring-kafka'],
  ['org.springframework.batch', 'spring-batch-*'],
  ['org.springframework.ws', 'spring-ws-* spring-xml'],
  ['org.springframework.amqp', 'spring-amqp spring-rabbit'],
  ['org.springframework.hateoas', 'spring-hateoas'],
  ['org.springframework.retry', 'spring-retry'],
  ['org.springframework.ldap', 'spring-ldap-*'],
  [
    'org.springframework',
    'spring-aop spring-aspects spring-beans spring-context spring-context-indexer spring-context-support spring-core ' +
      'spring-expression spring-instrument spring-jcl spring-jdbc spring-jms spring-messaging spring-orm spring-oxm spring-r2dbc ' +
      'spring-test spring-tx spring-web spring-webflux spring-webmvc spring-websocket',
  ],
  ['org.apache.tomcat.embed', 'tomcat-embed-*'],
  [
    'org.apache.tomcat',
    'tomcat-catalina tomcat-coyote tomcat-jasper tomcat-juli tomcat-util tomcat-websocket tomcat-jdbc',
  ],
  ['org.apache.kafka', 'kafka-clients kafka-streams connect-api connect-json connect-runtime kafka_2.12 kafka_2.13'],
  ['org.apache.lucene', 'lucene-*'],
  ['org.bouncycastle', 'bcprov-* bcpkix-* bcutil-* bcpg-* bcmail-* bctls-* bc-fips*'],
  ['com.squareup.okhttp3', 'okhttp okhttp-* logging-interceptor'],
  ['com.squareup.okio', 'okio okio-*'],
  ['com.squareup.retrofit2', 'retrofit'],
  ['io.projectreactor', 'reactor-core'],
  ['io.projectreactor.netty', 'reactor-netty*'],
  ['io.micrometer', 'micrometer-*'],
  ['io.grpc', 'grpc-*'],
  ['org.jetbrains.kotlin', 'kotlin-*'],
  ['org.jetbrains.kotlinx', 'kotlinx-*'],
  ['org.elasticsearch', 'elasticsearch elasticsearch-core elasticsearch-x-content'],
  ['org.opensearch', 'opensearch opensearch-core opensearch-x-content'],
  ['org.quartz-scheduler', 'quartz'],
  ['org.scala-lang', 'scala-library scala-reflect scala-compiler'],
  ['org.postgresql', 'postgresql'],
  ['org.liquibase', 'liquibase-core'],
];

const exact = new Map<string, string>();
const beginnings: (readonly [beginning: string, group: string])[] = [];
for (const [group, artifacts] of GROUPS) {
  for (const artifact of artifacts.split(' ')) {
    if (artifact.endsWith('*')) beginnings.push([artifact.slice(0, -1), group]);
    else exact.set(artifact, group);
  }
}

/** The group of an artifact that is known by its name alone. */
export function groupOfArtifact(artifact: string): string | undefined {
  return exact.get(artifact) ?? beginnings.find(([beginning]) => artifact.startsWith(beginning))?.[1];
}
