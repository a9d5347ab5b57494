/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ComponentOptions;
import io.millrace.api.DataSize;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.SerializerOptions;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.properties.Environment;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A reload finds out what changed by comparing options: an option whose values don't compare would
 * restart its component every time.
 */
class ReloadOptionsTest {
  private static final Path EXAMPLES =
      Path.of("../engine/src/test/resources/io/millrace/engine/config/examples");
  private static final Set<Class<?>> VALUES =
      Set.of(
          String.class,
          Integer.class,
          Long.class,
          Double.class,
          Boolean.class,
          Duration.class,
          DataSize.class,
          Path.class,
          Charset.class,
          // Records themselves, for they are components.
          SerializerOptions.class,
          DeserializerOptions.class,
          HttpHandlerOptions.class,
          JmsConverterOptions.class,
          PathManagerOptions.class);
  private static final Set<Class<?>> CONTAINERS = Set.of(List.class, Map.class, Optional.class);

  @Test
  void theValuesOfEveryOptionCompare() {
    List<String> others = new ArrayList<>();
    for (ComponentCatalog catalog : ServiceLoader.load(ComponentCatalog.class)) {
      for (Class<? extends ComponentOptions> options : catalog.components()) {
        addOthers(options, others);
      }
    }
    assertThat(others).isEmpty();
  }

  private static void addOthers(Class<?> options, List<String> others) {
    assertThat(options.isRecord()).as("%s is a record", options).isTrue();
    for (RecordComponent member : options.getRecordComponents()) {
      if (!isValue(member.getGenericType(), others)) {
        others.add(options.getName() + "." + member.getName());
      }
    }
    boolean ownEquals =
        Arrays.stream(options.getDeclaredMethods())
            .anyMatch(method -> method.getName().equals("equals") && !method.isSynthetic());
    assertThat(ownEquals && !isGenerated(options)).as("%s compares itself", options).isFalse();
  }

  /** The compiler's own equals is final; one that is written by hand mostly is not. */
  private static boolean isGenerated(Class<?> options) {
    try {
      int modifiers = options.getDeclaredMethod("equals", Object.class).getModifiers();
      return java.lang.reflect.Modifier.isFinal(modifiers);
    } catch (NoSuchMethodException e) {
      return true;
    }
  }

  private static boolean isValue(Type type, List<String> others) {
    if (type instanceof ParameterizedType generic) {
      return CONTAINERS.contains(generic.getRawType())
          && Arrays.stream(generic.getActualTypeArguments())
              .allMatch(each -> isValue(each, others));
    }
    if (!(type instanceof Class<?> plain)) {
      return false;
    }
    if (plain.isRecord() && !VALUES.contains(plain)) {
      addOthers(plain, others);
      return true;
    }
    return plain.isPrimitive() || plain.isEnum() || VALUES.contains(plain);
  }

  @Test
  void theSameFileReadTwiceIsTheSameDefinition() throws IOException {
    int compared = 0;
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      for (Path file : files.sorted().toList()) {
        Configuration first = load(file);
        for (String agent : first.agentNames()) {
          AgentResult result = first.agent(agent, Strictness.LENIENT);
          assertThat(load(file).agent(agent, Strictness.LENIENT).agent())
              .as("%s of %s", agent, file)
              .isEqualTo(result.agent());
          compared += result.agent().isPresent() ? 1 : 0;
        }
      }
    }
    assertThat(compared).as("agents compared").isGreaterThan(5);
  }

  private static Configuration load(Path file) {
    Catalog catalog = Catalog.load(ReloadOptionsTest.class.getClassLoader());
    return new ConfigurationLoader(catalog, Environment.ofProcess()).load(List.of(file));
  }
}
