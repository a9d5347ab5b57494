/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Sink;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.plugin.Plugins;
import io.millrace.engine.plugin.ToyPlugin;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Components of a plug-in in a running agent. */
class PluginBoundaryTest {
  /** Every call notes in a file under whose loader it came. */
  private static final String NOTES =
      """
      public final class Notes {
        static void note(String what) {
          ClassLoader context = Thread.currentThread().getContextClassLoader();
          String whose = context == Notes.class.getClassLoader() ? "plugin" : "other";
          try {
            java.nio.file.Files.writeString(java.nio.file.Path.of(System.getProperty("toy.notes")),
                what + " " + whose + "\\n", java.nio.file.StandardOpenOption.APPEND,
                java.nio.file.StandardOpenOption.CREATE);
          } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
          }
        }
      }
      """;

  private static final String SOURCE =
      """
      @Component(kind = ComponentKind.SOURCE, name = "toysource", summary = "A toy.")
      public record ToySource() implements SourceOptions {
        public Source build(SourceContext context) {
          Notes.note("source.build");
          return new Source() {
            public void start() {
              Notes.note("source.start");
              context.threads("emit").newThread(() -> {
                Notes.note("source.thread");
                context.output().emit(EventBatch.of(Map.of(), new byte[] {1}));
              }).start();
            }
            public void stop() { Notes.note("source.stop"); }
          };
        }
      }
      """;

  private static final String CHANNEL =
      """
      @Component(kind = ComponentKind.CHANNEL, name = "toychannel", summary = "A toy.")
      public record ToyChannel() implements ChannelOptions {
        public int transactionCapacity() { return 10; }
        public Channel build(ChannelContext context) {
          Notes.note("channel.build");
          LinkedBlockingQueue<EventBatch> queue = new LinkedBlockingQueue<>();
          return new Channel() {
            public void start() { Notes.note("channel.start"); }
            public void stop() { Notes.note("channel.stop"); }
            public CompletableFuture<Void> append(EventBatch batch) {
              Notes.note("channel.append");
              synchronized (queue) {
                queue.add(batch);
                queue.notifyAll();
              }
              return CompletableFuture.completedFuture(null);
            }
            public Delivery take(int maxEvents, long maxBytes) {
              EventBatch batch = queue.poll();
              if (batch == null) { return null; }
              Notes.note("channel.take");
              return new Delivery() {
                public EventBatch batch() { return batch; }
                public Origin origin() { return Origin.NONE; }
                public void acknowledge() { Notes.note("delivery.acknowledge"); }
                public void acknowledge(int from, int to) { acknowledge(); }
                public void close() { Notes.note("delivery.close"); }
              };
            }
            public boolean awaitEvents(java.time.Duration timeout) throws InterruptedException {
              synchronized (queue) {
                if (queue.isEmpty()) { queue.wait(Math.max(1, timeout.toMillis())); }
                return !queue.isEmpty();
              }
            }
            public long eventCount() { return queue.size(); }
            public long capacity() { return 100; }
            public int transactionCapacity() { return 10; }
            public boolean isDurable() { return true; }
          };
        }
      }
      """;

  private static final String SINK =
      """
      @Component(kind = ComponentKind.SINK, name = "toysink", summary = "A toy.")
      public record ToySink() implements SinkOptions {
        public int batchSize() { return 1; }
        public Sink build(SinkContext context) {
          Notes.note("sink.build");
          return new Sink() {
            public void start() { Notes.note("sink.start"); }
            public void stop() { Notes.note("sink.stop"); }
            public int maxInFlight() { return 3; }
            public void settleSoon() { Notes.note("sink.settleSoon"); }
            public java.time.Duration holdsFor() {
              Notes.note("sink.holdsFor");
              return java.time.Duration.ofMinutes(7);
            }
            public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
              Notes.note("sink.deliver");
              return CompletableFuture.completedFuture(Outcome.delivered());
            }
          };
        }
      }
      """;

  private static final String INTERCEPTOR =
      """
      @Component(kind = ComponentKind.INTERCEPTOR, name = "toyinterceptor", summary = "A toy.")
      public record ToyInterceptor() implements InterceptorOptions {
        public Interceptor build(ComponentContext context) {
          Notes.note("interceptor.build");
          return batch -> { Notes.note("interceptor.intercept"); return batch; };
        }
      }
      """;

  private static final String SELECTOR =
      """
      @Component(kind = ComponentKind.SELECTOR, name = "toyselector", summary = "A toy.")
      public record ToySelector() implements SelectorOptions {
        public Selector build(List<String> channels) {
          Notes.note("selector.build");
          return batch -> {
            Notes.note("selector.route");
            return List.of(
                new Selector.Route(batch, new Selector.Targets(channels, List.of())));
          };
        }
      }
      """;

  private static final String CONFIGURATION =
      """
      a1.sources = r1
      a1.channels = c1
      a1.sinks = k1
      a1.sources.r1.type = toysource
      a1.sources.r1.channels = c1
      a1.sources.r1.interceptors = i1
      a1.sources.r1.interceptors.i1.type = toyinterceptor
      a1.sources.r1.selector.type = toyselector
      a1.channels.c1.type = toychannel
      a1.sinks.k1.type = toysink
      a1.sinks.k1.channel = c1
      """;

  @TempDir private Path root;
  private Agent agent;

  @BeforeEach
  void tellWhereNotesGo() {
    System.setProperty("toy.notes", root.resolve("notes").toString());
  }

  @AfterEach
  void stop() {
    System.clearProperty("toy.notes");
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  private AgentResult load(String configuration) {
    Catalog catalog =
        Catalog.load(
            PluginBoundaryTest.class.getClassLoader(),
            Plugins.in(List.of(root), PluginBoundaryTest.class.getClassLoader()));
    return new ConfigurationLoader(catalog, Environment.ofProcess())
        .loadTexts(List.of(PropertiesText.of("toy.conf", configuration)))
        .agent("a1", Strictness.STRICT);
  }

  private AgentDefinition definition(String configuration) {
    AgentResult result = load(configuration);
    assertThat(result.problems()).filteredOn(Problem::isError).isEmpty();
    return result.agent().orElseThrow();
  }

  private static ToyPlugin toys() {
    return new ToyPlugin()
        .source("Notes", NOTES)
        .source("ToySource", SOURCE)
        .source("ToyChannel", CHANNEL)
        .source("ToySink", SINK)
        .source("ToyInterceptor", INTERCEPTOR)
        .source("ToySelector", SELECTOR)
        .catalog("ToySource", "ToyChannel", "ToySink", "ToyInterceptor", "ToySelector")
        .index(
            "source\ttoysource\t",
            "channel\ttoychannel\t",
            "sink\ttoysink\t",
            "interceptor\ttoyinterceptor\t",
            "selector\ttoyselector\t");
  }

  /** Goal: whoever calls, on whichever thread, the plug-in finds its own classes. */
  @Test
  void everyCallComesWithTheLoaderOfThePluginAsContextLoader() throws Exception {
    toys().writeTo(root.resolve("toys"));
    Path notes = Files.createFile(root.resolve("notes"));

    agent = Agent.create(definition(CONFIGURATION));
    agent.start();
    await().until(() -> Files.readString(notes).contains("delivery.close"));
    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();

    List<String> lines = Files.readAllLines(notes);
    assertThat(lines).filteredOn(line -> !line.endsWith(" plugin")).isEmpty();
    assertThat(lines)
        .extracting(line -> line.substring(0, line.indexOf(' ')))
        .contains(
            "source.build",
            "source.start",
            "source.thread",
            "source.stop",
            "channel.build",
            "channel.start",
            "channel.append",
            "channel.take",
            "delivery.acknowledge",
            "delivery.close",
            "channel.stop",
            "sink.build",
            "sink.start",
            "sink.deliver",
            "sink.settleSoon",
            "sink.stop",
            "interceptor.build",
            "interceptor.intercept",
            "selector.build",
            "selector.route");
  }

  @Test
  void whatASinkOfAPluginSaysOfItselfIsHeardAndItIsToldToSettle() throws Exception {
    toys().writeTo(root.resolve("toys"));
    Sink sink =
        PluginBoundary.sink(
            definition(CONFIGURATION).sinks().get(0).options(), loader -> /* not used */ null);

    assertThat(sink.maxInFlight()).isEqualTo(3);
    assertThat(sink.holdsFor()).isEqualTo(Duration.ofMinutes(7));
    sink.settleSoon();
    assertThat(Files.readAllLines(root.resolve("notes")))
        .endsWith("sink.build plugin", "sink.holdsFor plugin", "sink.settleSoon plugin");
  }

  /** Goal: a default that is added to the API and forgotten here would answer for the plug-in. */
  @Test
  void noDefaultOfTheApiAnswersForAPlugin() throws Exception {
    toys().writeTo(root.resolve("toys"));
    AgentDefinition definition = definition(CONFIGURATION);
    Sink sink = PluginBoundary.sink(definition.sinks().get(0).options(), loader -> null);
    Channel channel = PluginBoundary.channel(definition.channels().get(0).options(), l -> null);

    assertThat(defaultsLeft(Sink.class, sink)).isEmpty();
    assertThat(defaultsLeft(Channel.class, channel)).isEmpty();
  }

  private static List<String> defaultsLeft(Class<?> api, Object component) throws Exception {
    List<String> left = new ArrayList<>();
    for (Method method : api.getMethods()) {
      Method used = component.getClass().getMethod(method.getName(), method.getParameterTypes());
      if (used.getDeclaringClass().isInterface()) {
        left.add(method.getName());
      }
    }
    return left;
  }

  @Test
  void aClassMissingAtTheBuildKeepsTheAgentFromStartingAndIsNamed() throws Exception {
    toys().writeTo(root.resolve("toys"), List.of(), List.of("ToySink$1"));

    AgentDefinition definition = definition(CONFIGURATION);
    assertThatThrownBy(() -> Agent.create(definition).start())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(
            "the plug-in toys (" + root.resolve("toys") + ") needs the class toy.")
        .hasMessageContaining(root.resolve("toys/libext").toString());
  }

  /** Goal: a class missing in the rules of the options is a problem with a line, not a crash. */
  @Test
  void aClassMissingInTheRulesOfOptionsIsAProblemOfTheConfiguration() throws Exception {
    new ToyPlugin()
        .source("Rules", "final class Rules { static void check() {} }")
        .source(
            "ToySink",
            """
            @Component(kind = ComponentKind.SINK, name = "toysink", summary = "A toy.")
            public record ToySink() implements SinkOptions {
              public ToySink { Rules.check(); }
              public int batchSize() { return 1; }
              public Sink build(SinkContext context) { return null; }
            }
            """)
        .catalog("ToySink")
        .index("sink\ttoysink\t")
        .writeTo(root.resolve("toys"), List.of(), List.of("Rules"));

    assertThat(load("a1.channels = c1\na1.sinks = k1\na1.sinks.k1.type = toysink\n").problems())
        .extracting(Problem::toString)
        .anySatisfy(line -> assertThat(line).contains("needs the class toy.Rules"));
  }

  @Test
  void aLibraryOfTheSystemIsLookedForInNative() throws Exception {
    new ToyPlugin()
        .source(
            "ToySink",
            """
            @Component(kind = ComponentKind.SINK, name = "toysink", summary = "A toy.")
            public record ToySink() implements SinkOptions {
              public ToySink { System.loadLibrary("toy"); }
              public int batchSize() { return 1; }
              public Sink build(SinkContext context) { return null; }
            }
            """)
        .catalog("ToySink")
        .index("sink\ttoysink\t")
        .writeTo(root.resolve("toys"));
    Path library = root.resolve("toys/native").resolve(System.mapLibraryName("toy"));
    Files.createDirectories(library.getParent());
    Files.writeString(library, "no library, but found");

    assertThat(load("a1.channels = c1\na1.sinks = k1\na1.sinks.k1.type = toysink\n").problems())
        .extracting(Problem::toString)
        .anySatisfy(line -> assertThat(line).contains(library.toString()));
  }
}
