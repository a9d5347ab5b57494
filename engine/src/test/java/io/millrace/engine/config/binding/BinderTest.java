/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.engine.config.declaration.Catalog;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BinderTest {
  enum Unit {
    SECOND,
    HALF_HOUR
  }

  interface Toy extends SerializerOptions {
    @Override
    default EventSerializer.Factory build() {
      throw new UnsupportedOperationException("a toy is declared, not built");
    }
  }

  record Inner(@Option(doc = "d", def = "1") int first, @Option(doc = "d", def = "2") int second) {
    Inner {
      if (first == second) {
        throw new ConfigurationException("second", second + " is the first once more.");
      }
    }
  }

  @Component(kind = ComponentKind.SERIALIZER, name = "all", summary = "One option of every type.")
  record All(
      @Option(doc = "d", def = "text") String text,
      @Option(doc = "d", def = "1") int number,
      @Option(doc = "d", def = "1") long large,
      @Option(doc = "d", def = "false") boolean flag,
      @Option(doc = "d", def = "1") double ratio,
      @Option(doc = "d", def = "1 KiB", bareUnit = BareUnit.BYTES) DataSize size,
      @Option(doc = "d", def = "1", bareUnit = BareUnit.SECONDS) Duration seconds,
      @Option(doc = "d", def = "1", bareUnit = BareUnit.MILLISECONDS) Duration millis,
      @Option(doc = "d", def = "~/x") Path path,
      @Option(doc = "d", def = "UTF-8") Charset charset,
      @Option(doc = "d", def = "second") Unit unit,
      @Option(doc = "d") List<String> words,
      @Option(doc = "d", separator = ",") List<Path> paths,
      @Option(doc = "d", name = "map.*") Map<String, String> map,
      @Option(doc = "d", name = "map.inner.*") Map<String, Integer> innerMap,
      @Option(doc = "d", name = "map.one") Optional<Integer> one,
      @Option(doc = "d", bareUnit = BareUnit.SECONDS) Optional<Duration> delay,
      @Option(doc = "d", def = "leaf") SerializerOptions serializer,
      @Option(doc = "d") Optional<PathManagerOptions> names,
      @OptionGroup Inner inner)
      implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "leaf", summary = "A leaf.")
  record Leaf(@Option(doc = "d", def = "true") boolean appendNewline) implements Toy {}

  @Component(kind = ComponentKind.PATH_MANAGER, name = "numbered", summary = "Numbers.")
  record Numbered(@Option(doc = "d", def = "") String prefix) implements PathManagerOptions {
    @Override
    public FileNames build() {
      throw new UnsupportedOperationException("a toy is declared, not built");
    }
  }

  private static final Catalog CATALOG =
      Catalog.ofRecords(List.of(All.class, Leaf.class, Numbered.class));

  private static final All DEFAULTS =
      new All(
          "text",
          1,
          1,
          false,
          1,
          DataSize.ofBytes(1024),
          Duration.ofSeconds(1),
          Duration.ofMillis(1),
          Path.of("/home/u/x"),
          StandardCharsets.UTF_8,
          Unit.SECOND,
          List.of(),
          List.of(),
          Map.of(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          new Leaf(true),
          Optional.empty(),
          new Inner(1, 2));

  @Test
  void everyOptionHasItsDefault() {
    all().assertMapsTo(DEFAULTS);
  }

  @Test
  void everyOptionTakesItsValue() {
    all()
        .with("text", "two words")
        .with("number", "-7")
        .with("large", "9000000000")
        .with("flag", "TRUE")
        .with("ratio", "0.25")
        .with("size", "2 MB")
        .with("seconds", "5")
        .with("millis", "5")
        .with("path", "~/y/z")
        .with("charset", "iso-8859-1")
        .with("unit", "halfHour")
        .with("words", "a  b\tc")
        .with("paths", "/a, ~/b,")
        .with("map.a.b", "1")
        .with("map.one", "2")
        .with("map.inner.x", "3")
        .with("delay", "2 h")
        .with("serializer", "LEAF")
        .with("serializer.appendNewline", "false")
        .with("names", "numbered")
        .with("names.prefix", "p")
        .with("first", "5")
        .with("second", "6")
        .assertMapsFullyTo(
            new All(
                "two words",
                -7,
                9_000_000_000L,
                true,
                0.25,
                DataSize.ofBytes(2_000_000),
                Duration.ofSeconds(5),
                Duration.ofMillis(5),
                Path.of("/home/u/y/z"),
                StandardCharsets.ISO_8859_1,
                Unit.HALF_HOUR,
                List.of("a", "b", "c"),
                List.of(Path.of("/a"), Path.of("/home/u/b")),
                Map.of("a.b", "1"),
                Map.of("x", 3),
                Optional.of(2),
                Optional.of(Duration.ofHours(2)),
                new Leaf(false),
                Optional.of(new Numbered("p")),
                new Inner(5, 6)));
  }

  @Test
  void keysBelowANestedDefaultReachIt() {
    all()
        .with("serializer.appendNewLine", "false")
        .with("serializer.appendNewline", "false")
        .assertMapsTo(
            withLeaf(false),
            "f:2: warning: x.serializer.appendNewLine: is not an option here and is ignored. Did"
                + " you mean appendNewline?");
  }

  @Test
  void aRuleOfAGroupIsSaidAtItsOption() {
    all()
        .with("first", "3")
        .with("second", "3")
        .assertFails("f:3: error: x.second: 3 is the first once more.");
  }

  @Test
  void everyUnitOfADurationIsRead() {
    Map<String, Duration> durations =
        Map.of(
            "250ms", Duration.ofMillis(250),
            "2 s", Duration.ofSeconds(2),
            "3m", Duration.ofMinutes(3),
            "3 MIN", Duration.ofMinutes(3),
            "4h", Duration.ofHours(4),
            "5 d", Duration.ofDays(5),
            "-1", Duration.ofSeconds(-1));
    durations.forEach(
        (text, expected) -> all().with("delay", text).assertMapsTo(withWait(expected)));
    all()
        .with("delay", "9223372036854775807 d")
        .assertFails(
            "f:2: error: x.delay: '9223372036854775807 d' is out of range (expected: a duration).");
  }

  @Test
  void valuesInAFamilyAreCheckedOneByOne() {
    all()
        .with("map.inner.a", "1")
        .with("map.inner.b", "x")
        .with("map.inner.c", "99999999999")
        .assertFails(
            "f:3: error: x.map.inner.b: 'x' is not a number (expected: a number).",
            "f:4: error: x.map.inner.c: '99999999999' is out of range (expected: a number from"
                + " -2147483648 to 2147483647).");
  }

  private static All withLeaf(boolean appendNewline) {
    return with(DEFAULTS.delay, new Leaf(appendNewline));
  }

  private static All withWait(Duration delay) {
    return with(Optional.of(delay), DEFAULTS.serializer);
  }

  private static All with(Optional<Duration> delay, SerializerOptions serializer) {
    return new All(
        DEFAULTS.text,
        DEFAULTS.number,
        DEFAULTS.large,
        DEFAULTS.flag,
        DEFAULTS.ratio,
        DEFAULTS.size,
        DEFAULTS.seconds,
        DEFAULTS.millis,
        DEFAULTS.path,
        DEFAULTS.charset,
        DEFAULTS.unit,
        DEFAULTS.words,
        DEFAULTS.paths,
        DEFAULTS.map,
        DEFAULTS.innerMap,
        DEFAULTS.one,
        delay,
        serializer,
        DEFAULTS.names,
        DEFAULTS.inner);
  }

  private static OptionsMapping all() {
    return new OptionsMapping(CATALOG, ComponentKind.SERIALIZER, "all");
  }
}
