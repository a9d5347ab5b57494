/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import io.millrace.components.testing.KeyStores;
import io.millrace.kit.tls.ClientAuthentication;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each TLS option of the avro source and sink, by what passes and what does not. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AvroTlsTest {
  private static final TlsSelectionOptions ALL = TlsSelectionOptions.defaults();

  private final List<AutoCloseable> open = new ArrayList<>();
  private Path dir;
  private Path server;
  private Path client;

  @BeforeAll
  void makeKeyStores(@TempDir Path given) throws Exception {
    dir = given;
    server = KeyStores.of(dir.resolve("server"), "localhost", "PKCS12");
    client = KeyStores.of(dir.resolve("client"), "localhost", "PKCS12");
  }

  @AfterEach
  void stopAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    open.clear();
  }

  @Test
  void clientsShowACertificateWhereItIsAskedFor() throws Exception {
    Path stranger = KeyStores.of(dir.resolve("stranger"), "localhost", "PKCS12");
    AvroSource required = source(server(server, ClientAuthentication.REQUIRED, client, ALL));
    assertDelivers(sink(required, client(Optional.of(client), ALL)));
    assertRefused(sink(required, client(Optional.empty(), ALL)));
    assertRefused(sink(required, client(Optional.of(stranger), ALL)));
    AvroSource optional = source(server(server, ClientAuthentication.OPTIONAL, client, ALL));
    assertDelivers(sink(optional, client(Optional.of(client), ALL)));
    assertDelivers(sink(optional, client(Optional.empty(), ALL)));
    assertRefused(sink(optional, client(Optional.of(stranger), ALL)));
  }

  @Test
  void aCertificateWithoutAPasswordIsAMistake() {
    assertThatThrownBy(
            () ->
                new ClientTlsOptions(
                    true,
                    false,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(client),
                    Optional.empty(),
                    Optional.empty(),
                    ALL))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("keystore-password");
  }

  @Test
  void protocolsAreWhatBothSidesAllow() throws Exception {
    AvroSource only12 = source(server(server, protocols(List.of("TLSv1.2"), List.of())));
    assertDelivers(sink(only12, client(Optional.empty(), ALL)));
    assertDelivers(
        sink(only12, client(Optional.empty(), protocols(List.of(), List.of("TLSv1.3")))));
    assertRefused(sink(only12, client(Optional.empty(), protocols(List.of("TLSv1.3"), List.of()))));
    AvroSource no12 = source(server(server, protocols(List.of(), List.of("TLSv1.2"))));
    assertDelivers(sink(no12, client(Optional.empty(), ALL)));
    assertRefused(sink(no12, client(Optional.empty(), protocols(List.of("TLSv1.2"), List.of()))));
  }

  @Test
  void cipherSuitesAreWhatBothSidesAllow() throws Exception {
    String aes128 = "TLS_AES_128_GCM_SHA256";
    String aes256 = "TLS_AES_256_GCM_SHA384";
    AvroSource only128 = source(server(server, ciphers(List.of(aes128), List.of())));
    assertDelivers(sink(only128, client(Optional.empty(), ALL)));
    assertDelivers(sink(only128, client(Optional.empty(), ciphers(List.of(aes128), List.of()))));
    assertRefused(sink(only128, client(Optional.empty(), ciphers(List.of(aes256), List.of()))));
    assertRefused(sink(only128, client(Optional.empty(), ciphers(List.of(), List.of(aes128)))));
  }

  @Test
  void aChoiceThatLeavesNothingIsSaidAtTheStart() {
    assertThatThrownBy(() -> source(server(server, protocols(List.of("TLSv9"), List.of()))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("include-protocols is [TLSv9]")
        .hasMessageContaining("TLSv1.3");
    assertThatThrownBy(() -> source(server(server, ciphers(List.of("NONE_SUCH"), List.of()))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("include-cipher-suites");
  }

  @Test
  void anExpiredCertificateIsTakenOnlyByThoseWhoTakeAny() throws Exception {
    // From an authority: the JDK asks nothing of a certificate that is in the trust store itself.
    Path authority = KeyStores.of(dir.resolve("authority"), "localhost", "PKCS12", "-ext", "bc:c");
    Path expired = issued("expired", authority, "-startdate", "-10d", "-validity", "5");
    Path valid = issued("valid", authority, "-validity", "5");
    AvroSource source = source(server(expired, ALL));
    assertRefused(sink(source, trusting(authority, "PKCS12", false)));
    assertDelivers(sink(source, trusting(server, "PKCS12", true)));
    assertDelivers(sink(source(server(valid, ALL)), trusting(authority, "PKCS12", false)));
  }

  @Test
  void storesHaveTheTypeThatIsSaid() throws Exception {
    Path jks = KeyStores.of(dir.resolve("old"), "localhost", "JKS");
    for (String type : List.of("JKS", "jks", "PKCS12")) {
      // The JDK's JKS and PKCS12 read each other's files.
      AvroSource source = source(serverOfType(jks, type));
      assertDelivers(sink(source, trusting(jks, type, false)));
    }
    Path text = Files.writeString(dir.resolve("text"), "no key store");
    assertThatThrownBy(() -> source(serverOfType(text, "JKS")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("not a JKS store");
    assertThatThrownBy(() -> source(serverOfType(jks, "NOSUCH")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("NOSUCH");
  }

  @Test
  void bothOrdersOfCompressionAndTlsAreTaken() throws Exception {
    AvroSource source = source(server(server, ALL), CompressionType.DEFLATE);
    for (boolean isTlsOutermost : new boolean[] {false, true}) {
      for (int level : new int[] {0, 1, 6, 9}) {
        assertDelivers(
            sink(
                source,
                client(Optional.empty(), ALL),
                CompressionType.DEFLATE,
                level,
                isTlsOutermost));
      }
    }
  }

  /** The environment is tested where it can be set: TlsFallbackTest of the system tests. */
  @Test
  void whatIsNotSetFallsBackToTheProcess() throws Exception {
    Map<String, String> process =
        Map.of(
            "javax.net.ssl.keyStore", server.toString(),
            "javax.net.ssl.keyStorePassword", KeyStores.PASSWORD,
            "javax.net.ssl.keyStoreType", "PKCS12",
            "javax.net.ssl.trustStore", server.toString(),
            "javax.net.ssl.trustStorePassword", KeyStores.PASSWORD,
            "javax.net.ssl.trustStoreType", "PKCS12",
            "flume.ssl.include.protocols", "TLSv1.2, TLSv1.1",
            "flume.ssl.exclude.protocols", "TLSv1.1",
            "flume.ssl.exclude.cipherSuites", "TLS_RSA_WITH_AES_128_CBC_SHA");
    process.forEach(System::setProperty);
    try {
      ServerTlsOptions bare =
          new ServerTlsOptions(true, Optional.empty(), Optional.empty(), Optional.empty(), ALL);
      ClientTlsOptions bareClient =
          new ClientTlsOptions(
              true, false, true, Optional.empty(), Optional.empty(), Optional.empty(), ALL);
      AvroSource source = source(bare);
      assertDelivers(sink(source, bareClient));
      assertRefused(
          sink(source, client(Optional.empty(), protocols(List.of("TLSv1.3"), List.of()))));
    } finally {
      process.keySet().forEach(System::clearProperty);
    }
  }

  private static void assertDelivers(AvroSink sink) throws Exception {
    EventBatch batch = EventBatch.of(Map.of("k", "v"), new byte[20_000]);
    for (int i = 0; i < 3; i++) {
      assertThat(sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS).isFullyDelivered())
          .isTrue();
    }
  }

  private static void assertRefused(AvroSink sink) {
    assertThatThrownBy(
            () ->
                sink.deliver(EventBatch.of(Map.of(), new byte[1]), Origin.NONE)
                    .get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class);
  }

  private static TlsSelectionOptions protocols(List<String> include, List<String> exclude) {
    return new TlsSelectionOptions(exclude, include, List.of(), List.of());
  }

  private static TlsSelectionOptions ciphers(List<String> include, List<String> exclude) {
    return new TlsSelectionOptions(List.of(), List.of("TLSv1.3"), exclude, include);
  }

  private static ServerTlsOptions server(Path keystore, TlsSelectionOptions selection) {
    return server(keystore, ClientAuthentication.NONE, keystore, selection);
  }

  private static ServerTlsOptions server(
      Path keystore,
      ClientAuthentication authentication,
      Path truststore,
      TlsSelectionOptions selection) {
    return new ServerTlsOptions(
        true,
        Optional.of(keystore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        authentication,
        Optional.of(truststore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        selection);
  }

  private static ServerTlsOptions serverOfType(Path keystore, String type) {
    return new ServerTlsOptions(
        true, Optional.of(keystore), Optional.of(KeyStores.PASSWORD), Optional.of(type), ALL);
  }

  private ClientTlsOptions client(Optional<Path> keystore, TlsSelectionOptions selection) {
    return new ClientTlsOptions(
        true,
        false,
        true,
        Optional.of(server),
        Optional.of(KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        keystore,
        keystore.map(file -> KeyStores.PASSWORD),
        Optional.of("PKCS12"),
        selection);
  }

  private static ClientTlsOptions trusting(Path truststore, String type, boolean trustAll) {
    return new ClientTlsOptions(
        true,
        trustAll,
        true,
        Optional.of(truststore),
        Optional.of(KeyStores.PASSWORD),
        Optional.of(type),
        ALL);
  }

  private AvroSource source(ServerTlsOptions tls) {
    return source(tls, CompressionType.NONE);
  }

  private AvroSource source(ServerTlsOptions tls, CompressionType compression) {
    AvroSource source = AvroPair.source(new ToyContext(), compression, tls);
    open.add(source::stop);
    source.start();
    return source;
  }

  private AvroSink sink(AvroSource source, ClientTlsOptions tls) {
    return sink(source, tls, CompressionType.NONE, 6, false);
  }

  private AvroSink sink(
      AvroSource source,
      ClientTlsOptions tls,
      CompressionType compression,
      int level,
      boolean isTlsOutermost) {
    AvroSink sink =
        AvroPair.sink(
            new ToyContext(), source.address().getPort(), compression, level, tls, isTlsOutermost);
    open.add(sink::stop);
    sink.start();
    return sink;
  }

  /** A key whose certificate the authority has signed, with these dates. */
  private Path issued(String name, Path authority, String... dates) throws Exception {
    Path path = KeyStores.of(dir.resolve(name), "localhost");
    String request = dir.resolve(name + ".csr").toString();
    String certificate = dir.resolve(name + ".crt").toString();
    String root = dir.resolve("authority.crt").toString();
    KeyStores.keytool(path, "-certreq", "-file", request);
    List<String> sign = new ArrayList<>(List.of("-gencert", "-infile", request));
    sign.addAll(List.of("-outfile", certificate, "-ext", "SAN=dns:localhost"));
    sign.addAll(List.of(dates));
    KeyStores.keytool(authority, sign.toArray(String[]::new));
    KeyStores.keytool(authority, "-exportcert", "-file", root);
    KeyStores.keytool(path, "-importcert", "-noprompt", "-file", root, "-alias", "root");
    KeyStores.keytool(path, "-importcert", "-noprompt", "-file", certificate);
    return path;
  }
}
