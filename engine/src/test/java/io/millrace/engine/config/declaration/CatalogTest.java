/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CatalogTest {
  enum Level {
    LOW,
    VERY_HIGH
  }

  interface Toy extends SerializerOptions {
    @Override
    default EventSerializer.Factory build() {
      throw new UnsupportedOperationException("a toy is declared, not built");
    }
  }

  @Component(
      kind = ComponentKind.SERIALIZER,
      name = "Good",
      flumeClasses = "org.example.Good$Builder",
      summary = "Is good.")
  record Good(
      @Option(doc = "How long.", aliases = "time", def = "5", min = 1, bareUnit = BareUnit.SECONDS)
          Duration delay,
      @Option(doc = "How much.", def = "low") Level level,
      @Option(doc = "Which.", separator = ",") List<String> names,
      @Option(doc = "Passed on.", name = "x.*") Map<String, String> extra,
      @Option(doc = "Word.", secret = true) Optional<String> word,
      @Option(doc = "How.", def = "good") Optional<SerializerOptions> inner)
      implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "good", summary = "Has a name that is taken.")
  record SameName() implements Toy {}

  @Component(kind = ComponentKind.SINK, name = "sink", summary = "Is of the wrong kind.")
  record WrongKind() implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Has a default of no use.")
  record BadDefault(@Option(doc = "x", def = "zwölf") int number) implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Can be left without a value.")
  record NoDefault(@Option(doc = "x") int number) implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Names no unit.")
  record NoUnit(@Option(doc = "x", def = "1") Duration delay) implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Names nobody's type.")
  record NoSuchInner(@Option(doc = "x", def = "zzz") SerializerOptions inner) implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Has one key twice.")
  record SameKey(
      @Option(doc = "x", def = "1") int one, @Option(doc = "x", def = "1", name = "one") int two)
      implements Toy {}

  @Component(kind = ComponentKind.SERIALIZER, name = "a", summary = "Has a type nobody reads.")
  record OddType(@Option(doc = "x", def = "1") Thread thread) implements Toy {}

  record NoComponent() implements Toy {}

  @Test
  void typesAreFoundByNameAndClassInAnyCaseWithAndWithoutBuilder() {
    Catalog catalog = catalog(Good.class);
    for (String word : List.of("good", "GOOD", "org.example.Good$Builder", "org.example.Good")) {
      assertThat(catalog.find(ComponentKind.SERIALIZER, word))
          .isInstanceOfSatisfying(
              TypeLookup.Found.class, found -> assertThat(found.remark()).isEmpty());
    }
    assertThat(catalog.find(ComponentKind.SERIALIZER, "ORG.example.Good$Builder"))
        .isInstanceOfSatisfying(
            TypeLookup.Found.class,
            found -> assertThat(found.remark().orElseThrow()).contains("org.example.Good$Builder"));
    assertThat(catalog.find(ComponentKind.SINK, "good")).isInstanceOf(TypeLookup.Missing.class);
  }

  @Test
  void twoComponentsOfOneNameAreAMistakeOfTheirProgrammers() {
    assertThatThrownBy(() -> catalog(Good.class, SameName.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Good.class.getName())
        .hasMessageContaining(SameName.class.getName());
  }

  @Test
  void declarationsThatCannotBeAreRefusedWithTheirClass() {
    refused(WrongKind.class, "expected: implements SinkOptions");
    refused(BadDefault.class, "the default of 'number' is not a number");
    refused(NoDefault.class, "expected: a default, required, or an Optional type");
    refused(NoUnit.class, "bareUnit of a duration: NONE");
    refused(NoSuchInner.class, "the default of 'inner'");
    refused(SameKey.class, "declares 'one' twice");
    refused(OddType.class, "type: java.lang.Thread");
    refused(NoComponent.class, "expected: @Component on it");
  }

  @Test
  void aDescriptionSaysWhatTheManualNeeds() {
    ComponentDescription good =
        catalog(Good.class).describe(ComponentKind.SERIALIZER, "good").orElseThrow();
    assertThat(good.summary()).isEqualTo("Is good.");
    assertThat(good.options())
        .extracting(option -> option.name() + ": " + option.type())
        .containsExactly(
            "delay: duration",
            "level: choice",
            "names: list of text, separated by ','",
            "x.*: any number of keys",
            "word: text",
            "inner: type of serializer");
    OptionDescription delay = good.options().get(0);
    assertThat(delay.defaultValue()).contains("5");
    assertThat(delay.unit()).isEqualTo("s");
    assertThat(delay.min()).isEqualTo(OptionalLong.of(1));
    assertThat(delay.max()).isEmpty();
    assertThat(delay.aliases()).containsExactly("time");
    assertThat(good.options().get(1).allowed()).containsExactly("low", "very_high");
    assertThat(good.options().get(4).isSecret()).isTrue();
  }

  @Test
  void theKeysOfTheEngineAreDescribedToo() {
    assertThat(EngineOptions.names(ComponentKind.SOURCE))
        .containsExactly("type", "channels", "interceptors", "selector.type");
    assertThat(EngineOptions.names(ComponentKind.SINK))
        .containsExactly("type", "channel", "millrace.dead-letter-channel");
    for (ComponentKind kind : ComponentKind.values()) {
      assertThat(EngineOptions.of(kind)).allSatisfy(o -> assertThat(o.doc()).endsWith("."));
    }
  }

  private static void refused(Class<? extends ComponentOptions> record, String why) {
    assertThatThrownBy(() -> catalog(record))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(record.getSimpleName())
        .hasMessageContaining(why);
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static Catalog catalog(Class<? extends ComponentOptions>... records) {
    return Catalog.ofRecords(List.of(records));
  }
}
