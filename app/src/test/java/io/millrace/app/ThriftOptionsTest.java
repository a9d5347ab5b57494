/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.thrift.ThriftSinkOptions;
import io.millrace.components.thrift.ThriftSourceOptions;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The thrift source and sink as files have them, against Flume's. */
class ThriftOptionsTest {
  private static final String SOURCE = "a1.sources.r1.";
  private static final String SINK = "a1.sinks.k1.";

  @TempDir private Path directory;

  private Configuration load(String... lines) throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            a1.sources = r1
            a1.channels = c1
            a1.sinks = k1
            a1.channels.c1.type = memory
            a1.channels.c1.capacity = 10000
            a1.channels.c1.transactionCapacity = 1000
            a1.sources.r1.channels = c1
            a1.sinks.k1.channel = c1
            """);
    List<String> given = List.of(lines);
    if (given.stream().noneMatch(line -> line.startsWith(SOURCE + "type"))) {
      text.append("a1.sources.r1.type = thrift\na1.sources.r1.bind = 0.0.0.0\n");
      text.append("a1.sources.r1.port = 4141\n");
    }
    text.append("a1.sinks.k1.type = org.apache.flume.sink.ThriftSink\n");
    text.append("a1.sinks.k1.hostname = r1.example.net\na1.sinks.k1.port = 4141\n");
    given.forEach(line -> text.append(line).append('\n'));
    Path file = Files.writeString(directory.resolve("flume.conf"), text);
    return new ConfigurationLoader(
            Catalog.load(ThriftOptionsTest.class.getClassLoader()),
            new Environment(Map.of(), Map.of("user.home", "/home/u"), Clock.systemUTC()))
        .load(List.of(file));
  }

  private static ThriftSourceOptions source(Configuration configuration) {
    return (ThriftSourceOptions)
        agent(configuration).agent().orElseThrow().sources().get(0).options();
  }

  private static ThriftSinkOptions sink(Configuration configuration) {
    return (ThriftSinkOptions) agent(configuration).agent().orElseThrow().sinks().get(0).options();
  }

  private static AgentResult agent(Configuration configuration) {
    return configuration.agent("a1", Strictness.STRICT);
  }

  private static List<String> problems(Configuration configuration) {
    return configuration.problems(Strictness.STRICT).stream().map(Problem::text).toList();
  }

  @Test
  void theDefaultsAreThoseOfFlume() throws IOException {
    Configuration configuration = load();
    assertThat(problems(configuration)).isEmpty();
    assertThat(source(configuration).protocol()).isEqualTo(ThriftProtocol.COMPACT);
    assertThat(source(configuration).tls().ssl()).isFalse();
    ThriftSinkOptions sink = sink(configuration);
    assertThat(sink.protocol()).isEqualTo(ThriftProtocol.COMPACT);
    assertThat(sink.batchSize()).isEqualTo(100);
    assertThat(sink.requestTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(sink.connectTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(sink.resetConnectionInterval()).isZero();
    assertThat(sink.maxFrameSize().bytes()).isEqualTo(16_384_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "BINARY", "Binary"})
  void theProtocolMeansWhatItSaysInAnyCase(String word) throws IOException {
    Configuration configuration = load(SOURCE + "protocol = " + word, SINK + "protocol = " + word);
    assertThat(source(configuration).protocol()).isEqualTo(ThriftProtocol.BINARY);
    assertThat(sink(configuration).protocol()).isEqualTo(ThriftProtocol.BINARY);
  }

  @Test
  void anUnknownProtocolIsAnErrorOfTheSourceAndCompactForTheSink() throws IOException {
    Configuration configuration = load(SINK + "protocol = json");
    assertThat(sink(configuration).protocol()).isEqualTo(ThriftProtocol.COMPACT);
    assertThat(problems(configuration)).singleElement().asString().contains("json");
    assertThat(agent(load(SOURCE + "protocol = json")).agent()).isEmpty();
  }

  @Test
  void theMisspeltNameOfTheGuideIsHonouredAndAnswered() throws IOException {
    Configuration configuration = load(SINK + "connection-reset-interval = 300");
    assertThat(sink(configuration).resetConnectionInterval()).isEqualTo(Duration.ofMinutes(5));
    assertThat(problems(configuration))
        .singleElement()
        .asString()
        .contains("reset-connection-interval");
  }

  @Test
  void optionsWithoutAnEffectAreAnsweredInWords() throws IOException {
    assertThat(problems(load(SOURCE + "threads = 20", SINK + "maxConnections = 5")))
        .hasSize(2)
        .anyMatch(problem -> problem.contains("threads") && problem.contains("event loops"))
        .anyMatch(
            problem -> problem.contains("maxConnections") && problem.contains("one connection"));
  }

  @ParameterizedTest
  @ValueSource(strings = {SOURCE, SINK})
  void kerberosIsRefusedWithWhatToDo(String component) throws IOException {
    Configuration configuration = load(component + "kerberos = true");
    assertThat(agent(configuration).agent()).isEmpty();
    assertThat(problems(configuration))
        .singleElement()
        .asString()
        .contains("kerberos = true", "not provided", "ssl = true");
    assertThat(problems(load(component + "kerberos = false"))).isEmpty();
  }

  @Test
  void principalsAndKeytabsAreAnswered() throws IOException {
    assertThat(
            problems(
                load(
                    SOURCE + "agent-principal = flume/h@R",
                    SOURCE + "agent-keytab = /k",
                    SINK + "client-principal = flume/h@R",
                    SINK + "client-keytab = /k",
                    SINK + "server-principal = flume/h@R")))
        .hasSize(5)
        .allMatch(problem -> problem.contains("Kerberos is not provided"));
  }

  @Test
  void sslWithoutAKeyStoreIsAnErrorThatNamesEveryWayToGiveOne() throws IOException {
    Configuration configuration = load(SOURCE + "ssl = true");
    assertThat(agent(configuration).agent()).isEmpty();
    assertThat(problems(configuration))
        .singleElement()
        .asString()
        .contains("javax.net.ssl.keyStore", "FLUME_SSL_KEYSTORE_PATH");
  }

  @ParameterizedTest
  @CsvSource({
    "org.apache.flume.source.avroLegacy.AvroLegacySource,Flume 0.9,type = avro",
    "org.apache.flume.source.thriftLegacy.ThriftLegacySource,Flume 0.9,type = thrift"
  })
  void sourcesOfDeadProtocolsAreAnsweredWithWhatToUseInstead(
      String type, String reason, String instead) throws IOException {
    Configuration configuration = load(SOURCE + "type = " + type, SOURCE + "port = 1463");
    assertThat(agent(configuration).agent()).isEmpty();
    assertThat(configuration.problems(Strictness.STRICT))
        .anySatisfy(
            problem ->
                assertThat(problem.toString()).contains("does not provide", reason, instead));
  }
}
