/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlumePropertiesTest {
  private static FlumeProperties.Result read(String text) {
    return FlumeProperties.read(properties(text));
  }

  private static Properties properties(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  @Test
  void theClientOfOneServerHasFlumesDefaults() {
    FlumeProperties.Result result = read("hosts = h1\nhosts.h1 = localhost:41414");
    ClientOptions options = result.builder().options();
    assertThat(result.warnings()).isEmpty();
    assertThat(options.servers()).containsExactly(new ServerAddress("localhost", 41414));
    assertThat(options.batchEvents()).isEqualTo(100);
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(options.requestTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(options.maxAttempts()).isOne();
    assertThat(options.compressionLevel()).isEmpty();
    assertThat(options.tls().ssl()).isFalse();
  }

  @Test
  void everyOptionOfOneServerIsHonoured() {
    ClientOptions options =
        read("""
            client.type = DEFAULT
            hosts = h1
            hosts.h1 = [::1]:1
            batch-size = 7
            connect-timeout = 1000
            request-timeout = 2000
            compression-type = deflate
            compression-level = 9
            ssl = true
            trust-all-certs = true
            truststore = /t
            truststore-password = secret word
            truststore-type = PKCS12
            exclude-protocols = TLSv1 TLSv1.1
            include-protocols = TLSv1.3
            exclude-cipher-suites = a
            include-cipher-suites = b c
            linger = 0
            batch-bytes = 64KiB
            max-in-flight = 3
            preserve-order = false
            max-buffered-bytes = 1MiB
            max-blocking-time = 50
            delivery-timeout = 5000
            verify-hostname = false
            """)
            .builder()
            .options();
    assertThat(options.servers()).containsExactly(new ServerAddress("::1", 1));
    assertThat(options.batchEvents()).isEqualTo(7);
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.requestTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(options.compressionLevel()).contains(9);
    assertThat(options.tls().ssl()).isTrue();
    assertThat(options.tls().trustAllCerts()).isTrue();
    assertThat(options.tls().verifyHostname()).isFalse();
    assertThat(options.tls().truststore()).contains(Path.of("/t"));
    assertThat(options.tls().truststorePassword()).contains("secret word");
    assertThat(options.tls().truststoreType()).isEqualTo(Optional.of("PKCS12"));
    assertThat(options.tls().selection().excludeProtocols()).containsExactly("TLSv1", "TLSv1.1");
    assertThat(options.tls().selection().includeProtocols()).containsExactly("TLSv1.3");
    assertThat(options.tls().selection().excludeCipherSuites()).containsExactly("a");
    assertThat(options.tls().selection().includeCipherSuites()).containsExactly("b", "c");
    assertThat(options.linger()).isZero();
    assertThat(options.batchBytes()).isEqualTo(DataSize.ofBytes(65536));
    assertThat(options.maxInFlight()).isEqualTo(3);
    assertThat(options.preserveOrder()).isFalse();
    assertThat(options.maxBufferedBytes()).isEqualTo(DataSize.ofMebibytes(1));
    assertThat(options.whenFull()).isEqualTo(new WhenFull(Duration.ofMillis(50)));
    assertThat(options.deliveryTimeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void theThriftClientHasFlumesDefaultsAndItsOptions() {
    String base = "client.type = Thrift\nhosts = h1\nhosts.h1 = localhost:1\n";
    FlumeProperties.Result result = read(base);
    assertThat(result.warnings()).isEmpty();
    assertThat(result.builder().options().maxAttempts()).isOne();
    assertThat(result.builder().options().batchEvents()).isEqualTo(100);
    assertThat(result.builder().options().requestTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(result.builder().options().thrift())
        .contains(new ThriftOptions(ThriftProtocol.COMPACT, DataSize.ofBytes(16_384_000)));

    ClientOptions options =
        read(base
                + "protocol = BINARY\nmax-frame-size = 1MiB\nbatch-size = 7\nssl = true\n"
                + "request-timeout = 2000\ntruststore = /t")
            .builder()
            .options();
    assertThat(options.thrift())
        .contains(new ThriftOptions(ThriftProtocol.BINARY, DataSize.ofMebibytes(1)));
    assertThat(options.batchEvents()).isEqualTo(7);
    assertThat(options.requestTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(options.tls().ssl()).isTrue();
    assertThat(options.tls().truststore()).contains(Path.of("/t"));
  }

  @Test
  void failoverTriesEachServerOnceUnlessToldOtherwise() {
    String base =
        "client.type = default_failover\nhosts = a b c\n"
            + "hosts.a = x:1\nhosts.b = y:2\nhosts.c = z:3\n";
    ClientOptions options = read(base).builder().options();
    assertThat(options.routing()).isEqualTo(Routing.FAILOVER);
    assertThat(options.servers()).extracting(ServerAddress::port).containsExactly(1, 2, 3);
    assertThat(options.maxAttempts()).isEqualTo(3);
    assertThat(read(base + "max-attempts = 5").builder().options().maxAttempts()).isEqualTo(5);
  }

  @Test
  void loadBalancingKnowsSelectorAndBackoff() {
    String base = "client.type = default_loadbalance\nhosts = a b\nhosts.a = x:1\nhosts.b = y:2\n";
    assertThat(read(base).builder().options().routing()).isEqualTo(Routing.ROUND_ROBIN);
    ClientOptions options =
        read(base + "host-selector = RANDOM\nbackoff = true\nmaxBackoff = 10000")
            .builder()
            .options();
    assertThat(options.routing()).isEqualTo(Routing.RANDOM);
    assertThat(options.backoff().first()).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.backoff().ceiling()).isEqualTo(Duration.ofSeconds(10));
    assertThat(read(base + "backoff=true\nmaxBackoff=0").builder().options().backoff().ceiling())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "client.type=thrift,kerberos=true | kerberos: 'true' is not provided",
        "client.type=thrift,max-frame-size=1 | max-frame-size: '1' (expected: a size",
        "client.type=org.acme.Client | client.type: 'org.acme.Client' (expected: default, default_f",
        "hosts= | hosts is required",
        "hosts=h1 h2,client.type=default_failover | hosts.h2 is required",
        "hosts.h1=localhost | hosts.h1: 'localhost' (expected: host:port)",
        "hosts.h1=localhost:99999 | hosts.h1: 'localhost:99999' (expected: host:port)",
        "hosts.h1=a:b:1 | hosts.h1: 'a:b:1' (expected: host:port)",
        "batch-size=0 | batch-size: '0' (expected: a whole number from 1 to",
        "batch-size=many | batch-size: 'many' (expected: a whole number",
        "request-timeout=-1 | request-timeout: '-1'",
        "compression-type=lz4 | compression-type: 'lz4' (expected: none or deflate)",
        "compression-level=10 | compression-level: '10' (expected: a whole number from 0 to 9)",
        "ssl=yes | ssl: 'yes' (expected: true or false)",
        "max-attempts=0 | max-attempts: '0' (expected: a whole number from 1",
        "max-buffered-bytes=12 parsecs | max-buffered-bytes: '12 parsecs' (expected: a size",
        "client.type=default_loadbalance,host-selector=best | host-selector: 'best' (expected: round",
      })
  void whatCannotBeIsRefusedWithKeyAndValue(String lines, String message) {
    assertThatThrownBy(
            () -> read("hosts=h1\nhosts.h1=localhost:1\n" + lines.trim().replace(',', '\n')))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message.trim());
  }

  @Test
  void everyMistakeIsSaidAtOnceAndNoSecretAmongThem() {
    assertThatThrownBy(() -> read("hosts=h1\nbatch-size=x\nssl=maybe\ntruststore-password=hidden"))
        .hasMessageContaining("hosts.h1")
        .hasMessageContaining("batch-size")
        .hasMessageContaining("ssl")
        .hasMessageContaining("No client was made")
        .message()
        .doesNotContain("hidden");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxIoWorkers=4 | maxIoWorkers has no effect",
        "connect-timeout=10 | connect-timeout is below 1000 ms; 20000 ms is used",
        "hosts=h1 h2 | hosts names 2 servers; the client of one server uses the first (h1)",
        "client.type=default_loadbalance | there is no load to balance",
        "host-selector=random | host-selector has no effect",
        "maxConnections=5 | maxConnections has no effect",
        "compression-level=3 | compression-level has no effect",
        "client.type=thrift,maxConnections=5 | maxConnections has no effect: one connection",
        "client.type=thrift,protocol=json | protocol is 'json' (expected: compact or binary); comp",
        "client.type=thrift,compression-type=deflate | compression-type has no effect",
        "client.type=thrift,client-keytab=/k | client-keytab has no effect: Kerberos",
        "client.type=thrift,hosts=h1 h2 | uses the first (h1)",
        "truststore=/t | truststore has no effect without ssl",
        "batchsize=5 | batchsize is not an option of the client and is ignored (known: ",
      })
  void whatHasNoEffectIsSaid(String line, String warning) {
    assertThat(read("hosts=h1\nhosts.h1=localhost:1\n" + line.trim().replace(',', '\n')).warnings())
        .anyMatch(said -> said.contains(warning.trim()));
  }

  @Test
  void aClientOfPropertiesSends() throws Exception {
    try (ToyServer server = ToyServer.started();
        EventClient client =
            EventClient.of(properties("hosts = h1\nhosts.h1 = " + server.address()))) {
      client.append(Event.ofText("a"));
      assertThat(server.bodies()).containsExactly("a");
    }
  }
}
