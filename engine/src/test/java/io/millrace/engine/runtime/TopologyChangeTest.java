/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.ComponentContext;
import io.millrace.api.Interceptor;
import io.millrace.api.InterceptorOptions;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The plan of a change, in tables. An agent is written as {@code channels; sources; sinks; groups}:
 * {@code c1=100} is a channel and its capacity, {@code r1=41>c1,c2+i1:x} a source with its port,
 * channels and interceptors, {@code k1=a<c1} a sink with its directory and channel, {@code
 * g1=k1,k2} a group.
 */
class TopologyChangeTest {
  record Limits(@Option(doc = "Most events.") int capacity) {}

  record ToyChannelOptions(@OptionGroup Limits limits) implements ChannelOptions {
    @Override
    public Channel build(ChannelContext context) {
      throw new UnsupportedOperationException("A plan builds nothing");
    }

    @Override
    public int transactionCapacity() {
      return limits.capacity();
    }
  }

  record ToySourceOptions(@Option(doc = "Port.") int port) implements SourceOptions {
    @Override
    public Source build(SourceContext context) {
      throw new UnsupportedOperationException("A plan builds nothing");
    }
  }

  record ToySinkOptions(@Option(doc = "Directory.", name = "sink.directory") String directory)
      implements SinkOptions {
    @Override
    public Sink build(SinkContext context) {
      throw new UnsupportedOperationException("A plan builds nothing");
    }

    @Override
    public int batchSize() {
      return 10;
    }
  }

  record ToyInterceptorOptions(@Option(doc = "Value.", secret = true) String value)
      implements InterceptorOptions {
    @Override
    public Interceptor build(ComponentContext context) {
      throw new UnsupportedOperationException("A plan builds nothing");
    }
  }

  record ToySelectorOptions(
      @Option(doc = "Header.") String header,
      @Option(doc = "Channels by value.", name = "mapping.*") Map<String, String> mapping)
      implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      throw new UnsupportedOperationException("A plan builds nothing");
    }
  }

  private static final ToySelectorOptions SELECTOR = new ToySelectorOptions("h", Map.of("a", "c1"));

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          nothing                      | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=41>c1; k1=a<c1                | stay: c1 k1 r1
          another order                | c1=9 c2=9; r1=1>c1; k1=a<c1       | c2=9 c1=9; r1=1>c1; k1=a<c1            | stay: c1 c2 k1 r1
          a source's port              | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=42>c1; k1=a<c1                | stop: r1 start: r1 stay: c1 k1
          a source added               | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=41>c1 r2=5>c1; k1=a<c1        | start: r2 stay: c1 k1 r1
          a source removed             | c1=9; r1=41>c1 r2=5>c1; k1=a<c1   | c1=9; r1=41>c1; k1=a<c1                | stop: r2 stay: c1 k1 r1
          a source renamed             | c1=9; r1=41>c1; k1=a<c1           | c1=9; r2=41>c1; k1=a<c1                | stop: r1 start: r2 stay: c1 k1
          an interceptor added         | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=41>c1+i1:x; k1=a<c1           | reroute: r1 stay: c1 k1 r1
          an interceptor changed       | c1=9; r1=41>c1+i1:x; k1=a<c1      | c1=9; r1=41>c1+i1:y; k1=a<c1           | reroute: r1 stay: c1 k1 r1
          interceptors change places   | c1=9; r1=1>c1+i1:x+i2:y; k1=a<c1  | c1=9; r1=1>c1+i2:y+i1:x; k1=a<c1       | reroute: r1 stay: c1 k1 r1
          a channel added to a source  | c1=9; r1=41>c1; k1=a<c1           | c1=9 c2=9; r1=41>c1,c2; k1=a<c1        | start: c2 reroute: r1 stay: c1 k1 r1
          a channel taken from one     | c1=9 c2=9; r1=1>c1,c2; k1=a<c1    | c1=9 c2=9; r1=1>c1; k1=a<c1            | reroute: r1 stay: c1 c2 k1 r1
          a sink's directory           | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=41>c1; k1=b<c1                | stop: k1 start: k1 stay: c1 r1
          a sink to another channel    | c1=9 c2=9; r1=41>c1; k1=a<c1      | c1=9 c2=9; r1=41>c1; k1=a<c2           | stop: k1 start: k1 stay: c1 c2 r1
          a sink added                 | c1=9; r1=41>c1; k1=a<c1           | c1=9; r1=41>c1; k1=a<c1 k2=b<c1        | start: k2 stay: c1 k1 r1
          a channel's capacity         | c1=9 c2=9; r1=1>c1 r2=2>c2; k1=a<c1 k2=b<c2 | c1=8 c2=9; r1=1>c1 r2=2>c2; k1=a<c1 k2=b<c2 | stop: c1 k1 start: c1 k1 reroute: r1 stay: c2 k2 r1 r2
          a channel renamed            | c1=9; r1=41>c1; k1=a<c1           | c2=9; r1=41>c2; k1=a<c2                | stop: c1 k1 start: c2 k1 reroute: r1 stay: r1
          two sinks become a group     | c1=9; r1=41>c1; k1=a<c1 k2=b<c1   | c1=9; r1=41>c1; k1=a<c1 k2=b<c1; g1=k1,k2 | stop: k1 k2 start: group g1 stay: c1 r1
          a member's directory         | c1=9; r1=1>c1; k1=a<c1 k2=b<c1 k3=c<c1; g1=k1,k2 | c1=9; r1=1>c1; k1=a<c1 k2=z<c1 k3=c<c1; g1=k1,k2 | stop: group g1 start: group g1 stay: c1 k3 r1
          a group's order              | c1=9; r1=1>c1; k1=a<c1 k2=b<c1; g1=k1,k2 | c1=9; r1=1>c1; k1=a<c1 k2=b<c1; g1=k2,k1 | stop: group g1 start: group g1 stay: c1 r1
          everything                   | c1=9; r1=41>c1; k1=a<c1           | c2=9; r2=41>c2; k2=a<c2                | stop: c1 k1 r1 start: c2 k2 r2
          """)
  void onlyWhatIsTouchedStopsAndStarts(String name, String before, String after, String expected) {
    TopologyChange change = TopologyChange.between(agent(before), agent(after));

    assertThat(summary(change)).isEqualTo(expected);
    assertThat(change.isEmpty()).isEqualTo(change.lines().isEmpty());
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          c1=9; r1=41>c1; k1=a<c1      | c1=9; r1=42>c1; k1=a<c1      | source r1 changes: port
          c1=9; r1=41>c1; k1=a<c1      | c1=9; r1=41>c1; k1=b<c1      | sink k1 changes: sink.directory
          c1=9; r1=41>c1; k1=a<c1      | c1=9; r1=41>c1; k1=a<c1 k2=b<c1 | sink k2 is added
          c1=9; r1=1>c1 r2=2>c1; k1=a<c1 | c1=9; r1=1>c1; k1=a<c1     | source r2 is removed
          c1=9; r1=1>c1+i1:x; k1=a<c1  | c1=9; r1=1>c1+i1:y; k1=a<c1  | source r1 changes: interceptors.i1.value; it keeps its connections
          c1=9; r1=1>c1+i1:x; k1=a<c1  | c1=9; r1=2>c1+i1:x+i2:y; k1=a<c1 | source r1 changes: port, interceptors
          c1=9; r1=1>c1; k1=a<c1       | c1=8; r1=1>c1; k1=a<c1       | channel c1 changes: capacity / sink k1 starts anew with its channel c1 / source r1 goes on, into the new c1
          c1=9; r1=1>c1; k1=a<c1 k2=b<c1; g1=k1,k2 | c1=9; r1=1>c1; k1=a<c1 k2=b<c1; g1=k2,k1 | sink group g1 changes: sinks
          """)
  void theDifferenceIsToldWithTheNamesOfOptions(String before, String after, String expected) {
    assertThat(String.join(" / ", TopologyChange.between(agent(before), agent(after)).lines()))
        .isEqualTo(expected);
  }

  @Test
  void valuesAreNeverTold() {
    TopologyChange change =
        TopologyChange.between(
            agent("c1=9; r1=1>c1+i1:old-secret; k1=old-dir<c1"),
            agent("c1=8; r1=2>c1+i1:new-secret; k1=new-dir<c1"));

    assertThat(change.toString()).doesNotContain("secret").doesNotContain("-dir");
  }

  @Test
  void keysOfAFamilyAreToldOneByOne() {
    assertThat(
            OptionDifference.names(
                new ToySelectorOptions("h", Map.of("a", "c1", "b", "c1", "c", "c1")),
                new ToySelectorOptions("h", Map.of("a", "c1", "b", "c2", "d", "c1"))))
        .containsExactly("mapping.b", "mapping.c", "mapping.d");
    assertThat(OptionDifference.names(new ToySourceOptions(1), new ToySinkOptions("a")))
        .containsExactly("type");
  }

  private static String summary(TopologyChange change) {
    StringBuilder text = new StringBuilder();
    add(
        text,
        "stop",
        change.channels().stop(),
        change.sinkGroups().stop(),
        change.sources().stop());
    add(
        text,
        "start",
        change.channels().start(),
        change.sinkGroups().start(),
        change.sources().start());
    add(text, "reroute", change.rerouted());
    add(
        text,
        "stay",
        change.channels().stay(),
        change.sinkGroups().stay(),
        change.sources().stay());
    return text.toString().trim();
  }

  @SafeVarargs
  private static void add(StringBuilder text, String what, Set<String>... names) {
    Set<String> all = new TreeSet<>();
    Arrays.stream(names).forEach(all::addAll);
    if (!all.isEmpty()) {
      text.append(what).append(": ").append(String.join(" ", all)).append(' ');
    }
  }

  private static AgentDefinition agent(String text) {
    String[] parts = text.split(";");
    List<SinkDefinition> sinks = words(parts[2]).map(TopologyChangeTest::sink).toList();
    return new AgentDefinition(
        "a1",
        words(parts[0]).map(TopologyChangeTest::channel).toList(),
        words(parts[1]).map(TopologyChangeTest::source).toList(),
        sinks,
        parts.length < 4 ? List.of() : words(parts[3]).map(TopologyChangeTest::group).toList());
  }

  private static java.util.stream.Stream<String> words(String text) {
    return Arrays.stream(text.trim().split(" "));
  }

  private static ChannelDefinition channel(String text) {
    String[] parts = text.split("=");
    return new ChannelDefinition(
        parts[0], "toy", new ToyChannelOptions(new Limits(Integer.parseInt(parts[1]))));
  }

  private static SourceDefinition source(String text) {
    String[] interceptors = text.split("\\+");
    String[] parts = interceptors[0].split("[=>]");
    return new SourceDefinition(
        parts[0],
        "toy",
        new ToySourceOptions(Integer.parseInt(parts[1])),
        Arrays.stream(interceptors)
            .skip(1)
            .map(each -> each.split(":"))
            .map(
                each ->
                    new InterceptorDefinition(each[0], "toy", new ToyInterceptorOptions(each[1])))
            .toList(),
        SELECTOR,
        List.of(parts[2].split(",")));
  }

  private static SinkDefinition sink(String text) {
    String[] parts = text.split("[=<]");
    return new SinkDefinition(parts[0], "toy", new ToySinkOptions(parts[1]), parts[2], 10);
  }

  private static SinkGroupDefinition group(String text) {
    String[] parts = text.split("=");
    return new SinkGroupDefinition(
        parts[0],
        new LoadBalance("round_robin", false, Duration.ofSeconds(30), Map.of()),
        Arrays.stream(parts[1].split(","))
            .map(sink -> new SinkGroupDefinition.Member(sink, 0))
            .toList());
  }
}
