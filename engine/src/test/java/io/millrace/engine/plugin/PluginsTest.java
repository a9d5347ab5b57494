/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ComponentKind;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.ComponentDescription;
import io.millrace.engine.config.declaration.TypeLookup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plug-ins as they lie in directories, seen through the catalog. */
class PluginsTest {
  private static final String DELIVERED =
      "return CompletableFuture.completedFuture(Outcome.delivered());";

  @TempDir private Path root;

  private Plugins plugins() {
    return Plugins.in(List.of(root), PluginsTest.class.getClassLoader());
  }

  private static Catalog catalog(Plugins plugins) {
    return Catalog.load(PluginsTest.class.getClassLoader(), plugins);
  }

  private Plugin only(Plugins plugins) {
    assertThat(plugins.all()).hasSize(1);
    return plugins.all().get(0);
  }

  private static TypeLookup.Missing missing(Catalog catalog, String word) {
    return (TypeLookup.Missing) catalog.find(ComponentKind.SINK, word);
  }

  @Test
  void aPluginIsLoadedOnlyOnceOneOfItsTypesIsNamed() throws IOException {
    new ToyPlugin()
        .sink("Foo", "foo", DELIVERED)
        .catalog("Foo")
        .index("# a remark", "", "sink\tfoo\torg.toy.Foo,toys")
        .writeTo(root.resolve("toys"));
    Plugins plugins = plugins();
    Catalog catalog = catalog(plugins);

    assertThat(catalog.find(ComponentKind.SINK, "nosuch")).isInstanceOf(TypeLookup.Missing.class);
    assertThat(catalog.find(ComponentKind.SOURCE, "foo")).isInstanceOf(TypeLookup.Missing.class);
    assertThat(catalog.names(ComponentKind.SINK)).contains("foo");
    assertThat(missing(catalog, "fooo").remedy()).contains("Did you mean foo?");
    assertThat(only(plugins).isLoaded()).isFalse();

    for (String word : List.of("org.toy.Foo", "FOO", "org.toy.Foo$Builder")) {
      assertThat(catalog.find(ComponentKind.SINK, word)).isInstanceOf(TypeLookup.Found.class);
    }
    assertThat(only(plugins).isLoaded()).isTrue();
    assertThat(catalog.describe(ComponentKind.SINK, "foo").flatMap(ComponentDescription::plugin))
        .isEqualTo(Optional.of("toys"));
    assertThat(plugins.remarks()).isEmpty();
  }

  @Test
  void allAreLoadedForADescriptionOfEverything() throws IOException {
    new ToyPlugin()
        .sink("Foo", "foo", DELIVERED)
        .catalog("Foo")
        .index("sink\tfoo\t")
        .writeTo(root.resolve("toys"));
    assertThat(catalog(plugins()).descriptions())
        .filteredOn(one -> one.plugin().isPresent())
        .extracting(ComponentDescription::name)
        .containsExactly("foo");
  }

  /** Goal: no index, as in a plug-in of somebody else's; it is loaded only for an unknown word. */
  @Test
  void aPluginWithoutIndexIsAskedForATypeThatNobodyKnows() throws IOException {
    new ToyPlugin().sink("Foo", "foo", DELIVERED).catalog("Foo").writeTo(root.resolve("toys"));
    Plugins plugins = plugins();
    Catalog catalog = catalog(plugins);

    assertThat(catalog.find(ComponentKind.SINK_PROCESSOR, "failover"))
        .isInstanceOf(TypeLookup.Found.class);
    assertThat(only(plugins).isLoaded()).isFalse();
    assertThat(catalog.find(ComponentKind.SINK, "foo")).isInstanceOf(TypeLookup.Found.class);
  }

  @Test
  void aMissingClassIsNamedWithItsPluginAndTheRemedy() throws IOException {
    new ToyPlugin()
        .source("Base", "public interface Base {}")
        .source(
            "Foo",
            """
            @Component(kind = ComponentKind.SINK, name = "foo", summary = "A toy.")
            public record Foo() implements SinkOptions, Base {
              public int batchSize() { return 1; }
              public Sink build(SinkContext context) { return null; }
            }
            """)
        .catalog("Foo")
        .index("sink\tfoo\t")
        .writeTo(root.resolve("toys"), List.of(), List.of("Base"));
    Plugins plugins = plugins();
    Catalog catalog = catalog(plugins);

    TypeLookup.Missing missing = missing(catalog, "foo");
    assertThat(missing.message())
        .contains("the plug-in toys (" + root.resolve("toys") + ") needs the class toy.Base");
    assertThat(missing.remedy())
        .isEqualTo(
            "Put the jar with that class into "
                + root.resolve("toys/libext")
                + " and start again.");
    assertThat(only(plugins).isLoaded()).isFalse();
  }

  @Test
  void whatAPluginNeedsMayStandInLibextOrBelowAnotherPluginDirectory() throws IOException {
    new ToyPlugin()
        .source("Base", "public interface Base {}")
        .source(
            "Foo",
            """
            @Component(kind = ComponentKind.SINK, name = "foo", summary = "A toy.")
            public record Foo() implements SinkOptions, Base {
              public int batchSize() { return 1; }
              public Sink build(SinkContext context) { return null; }
            }
            """)
        .catalog("Foo")
        .index("sink\tfoo\t")
        .writeTo(root.resolve("toys"), List.of("Base"), List.of());
    assertThat(catalog(plugins()).find(ComponentKind.SINK, "foo"))
        .isInstanceOf(TypeLookup.Found.class);

    Path users = Files.createDirectories(root.resolve("users/toys/libext"));
    Files.move(root.resolve("toys/libext/ext.jar"), users.resolve("ext.jar"));
    assertThat(missing(catalog(plugins()), "foo").message()).contains("toy.Base");
    Plugins both =
        Plugins.in(List.of(root.resolve("users"), root), PluginsTest.class.getClassLoader());
    assertThat(catalog(both).find(ComponentKind.SINK, "foo")).isInstanceOf(TypeLookup.Found.class);
  }

  @Test
  void aDamagedJarIsNamedWhereverItStands() throws IOException {
    new ToyPlugin()
        .sink("Foo", "foo", DELIVERED)
        .catalog("Foo")
        .index("sink\tfoo\t")
        .writeTo(root.resolve("toys"));
    Path broken = Files.writeString(root.resolve("toys/libext/broken.jar"), "no jar");

    assertThat(missing(catalog(plugins()), "foo").message())
        .contains("the jar " + broken + " of the plug-in toys is damaged");

    Files.move(broken, root.resolve("toys/lib/broken.jar"));
    assertThat(plugins().remarks())
        .singleElement()
        .satisfies(remark -> assertThat(remark.toString()).contains("lib/broken.jar: is damaged"));
  }

  @Test
  void ofTwoPluginsWithOneTypeTheFirstIsUsedAndThatIsSaid() throws IOException {
    for (String name : List.of("b", "a")) {
      new ToyPlugin()
          .sink("Foo", "foo", DELIVERED)
          .catalog("Foo")
          .index("sink\tfoo\t")
          .writeTo(root.resolve(name));
    }
    Plugins plugins = plugins();
    assertThat(plugins.remarks())
        .singleElement()
        .satisfies(
            remark ->
                assertThat(remark.toString())
                    .startsWith(root.resolve("b") + ": the sink 'foo' is also in the plug-in a (")
                    .endsWith("which is used"));
    assertThat(catalog(plugins).describe(ComponentKind.SINK, "foo").flatMap(one -> one.plugin()))
        .contains("a");
  }

  @Test
  void anIndexThatPromisesTooMuchIsSaid() throws IOException {
    new ToyPlugin()
        .sink("Foo", "foo", DELIVERED)
        .catalog("Foo")
        .index("sink\tbar\t", "sunk\tfoo\t", "sink")
        .writeTo(root.resolve("toys"));
    Plugins plugins = plugins();
    assertThat(missing(catalog(plugins), "bar").message())
        .contains("the index of the plug-in toys (", "names it, but its catalog does not have it");
    assertThat(plugins.remarks())
        .hasSize(2)
        .anySatisfy(
            remark ->
                assertThat(remark.message()).contains("line 2", "no kind of component: sunk"));
  }

  @Test
  void aConnectorThatIsNotInstalledIsNamedWithTheRemedy() throws IOException {
    TypeLookup.Missing missing =
        missing(catalog(plugins()), "org.apache.flume.sink.kafka.KafkaSink");
    assertThat(missing.message())
        .contains("is a type of sink in the connector kafka, which is not installed here")
        .contains(root.toString());
    assertThat(missing.remedy()).contains("plugins.d/kafka", "--plugins-path");

    assertThat(missing(catalog(Plugins.none()), "hdfs"))
        .satisfies(
            one -> {
              assertThat(one.message())
                  .contains("in the connector hadoop, which is not on the class path");
              assertThat(one.remedy()).contains("millrace-connector-hadoop");
            });

    Files.createDirectories(root.resolve("hadoop/lib"));
    Files.writeString(root.resolve("hadoop/lib/connector.jar"), "half of it");
    assertThat(missing(catalog(plugins()), "hdfs").message())
        .contains("but the plug-in hadoop (", "does not have it", "connector.jar: is damaged");
  }

  @Test
  void aPluginDirectoryThatIsNotThereIsSaid() {
    assertThat(
            Plugins.in(root.resolve("a") + ":" + root, PluginsTest.class.getClassLoader())
                .remarks())
        .extracting(PluginRemark::toString)
        .containsExactly(root.resolve("a") + ": there is no such directory");
  }

  /** Goal: a library of another version; method: both have a class of one name. */
  @Test
  void itsOwnClassesComeBeforeTheAgentsAndTheApiIsShared() throws Exception {
    new ToyPlugin()
        .sink("Foo", "foo", DELIVERED)
        .catalog("Foo")
        .index("sink\tfoo\t")
        .writeTo(root.resolve("toys"));
    PluginDirectory directory = only(plugins()).directory();
    ClassLoader agent = PluginsTest.class.getClassLoader();
    try (PluginClassLoader loader = new PluginClassLoader(directory, agent)) {
      assertThat(loader.loadClass("io.millrace.api.Sink")).isSameAs(io.millrace.api.Sink.class);
      assertThat(loader.loadClass("org.slf4j.Logger")).isSameAs(org.slf4j.Logger.class);
      assertThat(loader.loadClass(PluginsTest.class.getName())).isSameAs(PluginsTest.class);
      assertThat(loader.loadClass("toy.Foo").getClassLoader()).isSameAs(loader);
      assertThat(loader.getResource("ext.txt")).isNotNull();
    }
    Path jar = root.resolve("toys/libext/shadow.jar");
    try (InputStream compiled = PluginsTest.class.getResourceAsStream("Shadowed.class");
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("io/millrace/engine/plugin/Shadowed.class"));
      compiled.transferTo(out);
      out.closeEntry();
    }
    try (PluginClassLoader loader = new PluginClassLoader(only(plugins()).directory(), agent)) {
      assertThat(loader.loadClass(Shadowed.class.getName())).isNotSameAs(Shadowed.class);
    }
  }
}
