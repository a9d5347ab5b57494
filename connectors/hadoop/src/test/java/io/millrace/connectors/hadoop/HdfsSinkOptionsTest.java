/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.api.Component;
import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.RejectedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HdfsSinkOptionsTest {
  private static final String SCHEMA =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"}]}";

  private static final Set<String> OF_FLUME =
      Set.of(
          "hdfs.path",
          "hdfs.filePrefix",
          "hdfs.fileSuffix",
          "hdfs.inUsePrefix",
          "hdfs.inUseSuffix",
          "hdfs.emptyInUseSuffix",
          "hdfs.rollInterval",
          "hdfs.rollSize",
          "hdfs.rollCount",
          "hdfs.idleTimeout",
          "hdfs.batchSize",
          "hdfs.codeC",
          "hdfs.fileType",
          "hdfs.maxOpenFiles",
          "hdfs.minBlockReplicas",
          "hdfs.writeFormat",
          "writeFormat.*",
          "hdfs.threadsPoolSize",
          "hdfs.rollTimerPoolSize",
          "hdfs.kerberosPrincipal",
          "hdfs.kerberosKeytab",
          "hdfs.proxyUser",
          "hdfs.round",
          "hdfs.roundValue",
          "hdfs.roundUnit",
          "hdfs.timeZone",
          "hdfs.useLocalTimeStamp",
          "hdfs.closeTries",
          "hdfs.retryInterval",
          "hdfs.callTimeout",
          "hdfs.useRawLocalFileSystem",
          "serializer");

  @Test
  void everyOptionOfFlumeIsThere() {
    assertThat(names(HdfsSinkOptions.class)).containsAll(OF_FLUME);
    assertThat(names(AvroSchemaSerializerOptions.class))
        .contains("syncIntervalBytes", "compressionCodec", "schemaURL");
  }

  private static Set<String> names(Class<?> type) {
    Set<String> names = new TreeSet<>();
    for (RecordComponent each : type.getRecordComponents()) {
      if (each.isAnnotationPresent(OptionGroup.class)) {
        names.addAll(names(each.getType()));
      } else {
        String name = each.getAnnotation(Option.class).name();
        names.add(name.isEmpty() ? each.getName() : name);
      }
    }
    return names;
  }

  /** The list by which the engine finds the plug-in says what the catalog says. */
  @Test
  void listOfComponentsIsThatOfTheCatalog() throws IOException {
    List<String> expected = new ArrayList<>();
    for (ComponentCatalog catalog : ServiceLoader.load(ComponentCatalog.class)) {
      for (Class<? extends ComponentOptions> each : catalog.components()) {
        Component component = each.getAnnotation(Component.class);
        expected.add(
            component.kind().name().toLowerCase(Locale.ROOT)
                + "\t"
                + component.name()
                + "\t"
                + String.join(",", component.flumeClasses()));
      }
    }
    try (InputStream in = getClass().getResourceAsStream("/META-INF/millrace/components.tsv")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines())
          .containsExactlyElementsOf(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hdfs.fileType,CompressedStream,hdfs.codeC",
    "hdfs.writeFormat,text,Writable or Text",
    "hdfs.timeZone,Mars/Phobos,Europe/Berlin",
    "millrace.id,a/b,letters",
    "hdfs.kerberosPrincipal,x,belong together",
    "hdfs.filePrefix,%[nohost],%[FQDN]"
  })
  void mistakeIsSaidWithARemedy(String name, String value, String message) {
    assertThatThrownBy(() -> new HdfsSink(new ToyContext("k1"), Settings.sink("/x", name, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message);
  }

  @Test
  void codecBesideADataStreamIsRefused() {
    assertThatThrownBy(
            () -> Settings.sink("/x", "hdfs.fileType", "DataStream", "hdfs.codeC", "gzip"))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void headerMustNotChooseTheServer() {
    assertThatThrownBy(() -> Settings.sink("hdfs://%{host}/x"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("first directory");
  }

  @Test
  void smallFilesOfFlumesDefaultsAreWarnedOf() {
    HdfsSinkOptions flume = Settings.bind(HdfsSinkOptions.class, Map.of("hdfs.path", "/x"));
    assertThat(flume.advice()).singleElement().asString().contains("millrace.roll = large");
    HdfsSinkOptions large =
        Settings.bind(HdfsSinkOptions.class, Map.of("hdfs.path", "/x", "millrace.roll", "large"));
    assertThat(large.advice()).isEmpty();
    assertThat(large.roll().bytes()).isEqualTo(128L << 20);
    assertThat(flume.roll().events()).isEqualTo(10);
  }

  private static byte[] avro(AvroSchemaSerializerOptions options, EventBatch batch)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EventSerializer serializer = options.build().open(out);
    serializer.begin();
    for (var event : batch) {
      serializer.write(event);
    }
    serializer.end();
    return out.toByteArray();
  }

  private static EventBatch encoded(Map<String, String> headers) {
    return EventBatch.of(headers, new byte[] {84});
  }

  @Test
  void bodiesAreRecordsOfTheSchemaInTheHeader() throws IOException {
    AvroSchemaSerializerOptions options =
        Settings.bind(AvroSchemaSerializerOptions.class, Map.of("compressionCodec", "deflate"));
    byte[] file = avro(options, encoded(Map.of("flume.avro.schema.literal", SCHEMA)));
    try (var reader =
        new DataFileReader<Object>(new SeekableByteArrayInput(file), new GenericDatumReader<>())) {
      assertThat(reader.next().toString()).isEqualTo("{\"n\": 42}");
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void schemaIsReadOnlyFromWhereTheOptionsAllow(
      @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) throws IOException {
    java.nio.file.Path file = directory.resolve("schema.avsc");
    java.nio.file.Files.writeString(file, SCHEMA);
    String url = file.toUri().toString();
    AvroSchemaSerializerOptions closed = Settings.bind(AvroSchemaSerializerOptions.class, Map.of());
    EventBatch event = encoded(Map.of("flume.avro.schema.url", url));
    assertThatThrownBy(() -> avro(closed, event))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("millrace.schemaURLs");
    assertThatThrownBy(() -> avro(closed, encoded(Map.of())))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("no schema");
    AvroSchemaSerializerOptions open =
        Settings.bind(
            AvroSchemaSerializerOptions.class,
            Map.of("millrace.schemaURLs", directory.toUri().toString()));
    assertThat(avro(open, event)).isNotEmpty();
    EventBatch out = encoded(Map.of("flume.avro.schema.url", directory.toUri() + "../secret"));
    assertThatThrownBy(() -> avro(open, out)).isInstanceOf(RejectedException.class);
    AvroSchemaSerializerOptions fallback =
        Settings.bind(AvroSchemaSerializerOptions.class, Map.of("schemaURL", url));
    assertThat(avro(fallback, encoded(Map.of()))).isNotEmpty();
  }

  /** Answers each path with the status and the text in its name: /404/gone. */
  private static HttpServer schemas() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String[] names = exchange.getRequestURI().getPath().split("/");
          byte[] text =
              (names[2].equals("schema") ? SCHEMA : names[2]).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(Integer.parseInt(names[1]), text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void schemaThatIsNotThereRejectsTheEventThatNamesItAndOneThatFailsIsAskedForAgain()
      throws IOException {
    HttpServer server = schemas();
    try {
      String at = "http://127.0.0.1:" + server.getAddress().getPort();
      AvroSchemaSerializerOptions options =
          Settings.bind(AvroSchemaSerializerOptions.class, Map.of("millrace.schemaURLs", at));
      for (String path : List.of("/404/none", "/410/gone", "/200/nonsense")) {
        EventBatch event = encoded(Map.of("flume.avro.schema.url", at + path));
        assertThatThrownBy(() -> avro(options, event))
            .as(path)
            .isInstanceOf(RejectedException.class)
            .hasMessageContaining(at + path);
      }
      for (String path : List.of("/500/broken", "/503/busy", "/403/closed")) {
        EventBatch event = encoded(Map.of("flume.avro.schema.url", at + path));
        assertThatThrownBy(() -> avro(options, event)).as(path).isInstanceOf(IOException.class);
      }
      EventBatch good = encoded(Map.of("flume.avro.schema.url", at + "/200/schema"));
      assertThat(avro(options, good)).isNotEmpty();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void noEventIsRejectedForTheSchemaThatTheOptionsName() throws IOException {
    HttpServer server = schemas();
    try {
      String at = "http://127.0.0.1:" + server.getAddress().getPort();
      for (String path : List.of("/404/none", "/200/nonsense")) {
        AvroSchemaSerializerOptions options =
            Settings.bind(AvroSchemaSerializerOptions.class, Map.of("schemaURL", at + path));
        assertThatThrownBy(() -> avro(options, encoded(Map.of())))
            .as(path)
            .isInstanceOf(IOException.class)
            .hasMessageContaining("schemaURL");
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void schemaFileThatIsNotThereRejectsTheEventThatNamesIt(
      @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) {
    String root = directory.toUri().toString();
    AvroSchemaSerializerOptions options =
        Settings.bind(AvroSchemaSerializerOptions.class, Map.of("millrace.schemaURLs", root));
    EventBatch event = encoded(Map.of("flume.avro.schema.url", root + "none.avsc"));
    assertThatThrownBy(() -> avro(options, event)).isInstanceOf(RejectedException.class);
  }
}
