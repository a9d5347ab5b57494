/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Selector;
import io.millrace.api.Selector.Route;
import io.millrace.api.Selector.Targets;
import io.millrace.components.testing.Events;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SelectorTest {
  private static final List<String> CHANNELS = List.of("c1", "c2", "c3");

  private static Selector multiplexing(
      List<String> defaults, Map<String, String> mapping, Map<String, String> optional) {
    return new MultiplexingSelectorOptions("state", defaults, mapping, optional).build(CHANNELS);
  }

  /** Events whose header is the text, null for none, and whose body is their index. */
  private static EventBatch withStates(String... states) {
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < states.length; i++) {
      batch.add(
          EncodedHeaders.of(states[i] == null ? Map.of("other", "CZ") : Map.of("state", states[i])),
          Integer.toString(i).getBytes(StandardCharsets.UTF_8));
    }
    return batch.build();
  }

  @Test
  void replicatingSendsTheBatchItselfToEveryChannel() {
    EventBatch batch = Events.of("a", "b");

    List<Route> routes = new ReplicatingSelectorOptions(List.of("c2")).build(CHANNELS).route(batch);

    assertThat(routes)
        .containsExactly(new Route(batch, new Targets(List.of("c1", "c3"), List.of("c2"))));
    assertThat(routes.get(0).batch()).isSameAs(batch);
    assertThat(new ReplicatingSelectorOptions(List.of("c2")).optionalChannels(CHANNELS))
        .containsExactly("c2");
  }

  @Test
  void loadBalancingSendsWholeBatchesToOneChannelAfterTheOther() {
    Selector selector =
        new LoadBalancingSelectorOptions(LoadBalancingSelectorOptions.Policy.ROUND_ROBIN)
            .build(CHANNELS);
    EventBatch batch = Events.of("a", "b");

    List<Route> routes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      routes.addAll(selector.route(batch));
    }

    assertThat(routes).allSatisfy(route -> assertThat(route.batch()).isSameAs(batch));
    assertThat(routes)
        .extracting(Route::targets)
        .containsExactly(only("c1"), only("c2"), only("c3"), only("c1"));
  }

  @Test
  void loadBalancingAtRandomUsesEveryChannel() {
    Selector selector =
        new LoadBalancingSelectorOptions(LoadBalancingSelectorOptions.Policy.RANDOM)
            .build(CHANNELS);

    Map<Targets, Integer> shares = new HashMap<>();
    for (int i = 0; i < 3_000; i++) {
      List<Route> routes = selector.route(Events.of("a"));
      assertThat(routes).hasSize(1);
      shares.merge(routes.get(0).targets(), 1, Integer::sum);
    }

    // A third is 1,000; one in a billion runs is 160 away.
    assertThat(shares).containsOnlyKeys(only("c1"), only("c2"), only("c3"));
    assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(840, 1_160));
  }

  private static Targets only(String channel) {
    return new Targets(List.of(channel), List.of());
  }

  @Test
  void aForeignChannelIsAConfigurationErrorThatNamesItAndTheChoice() {
    assertThatThrownBy(() -> new ReplicatingSelectorOptions(List.of("c9")).build(CHANNELS))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("c9")
        .hasMessageContaining("[c1, c2, c3]")
        .extracting(e -> ((ConfigurationException) e).option())
        .isEqualTo("optional");
    assertThatThrownBy(() -> multiplexing(List.of(), Map.of("CZ", "c1 c8"), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("c8")
        .extracting(e -> ((ConfigurationException) e).option())
        .isEqualTo("mapping.CZ");
    assertThatThrownBy(() -> multiplexing(List.of("c7"), Map.of(), Map.of()))
        .hasMessageContaining("c7");
    assertThatThrownBy(() -> multiplexing(List.of(), Map.of(), Map.of("CZ", "c6")))
        .hasMessageContaining("c6");
  }

  @Test
  void eachValueGoesToItsChannelsAndTheRestToTheDefault() {
    Selector selector = multiplexing(List.of("c3"), Map.of("CZ", "c1", "US", "c1  c2"), Map.of());

    List<Route> routes =
        selector.route(withStates("CZ", "US", null, " ", "cz", "CZ", "US", "a.b-c"));

    assertThat(routes).hasSize(3);
    assertThat(routes.get(0).targets()).isEqualTo(new Targets(List.of("c1"), List.of()));
    assertThat(Events.bodies(routes.get(0).batch())).containsExactly("0", "5");
    assertThat(routes.get(1).targets()).isEqualTo(new Targets(List.of("c1", "c2"), List.of()));
    assertThat(Events.bodies(routes.get(1).batch())).containsExactly("1", "6");
    assertThat(routes.get(2).targets()).isEqualTo(new Targets(List.of("c3"), List.of()));
    assertThat(Events.bodies(routes.get(2).batch())).containsExactly("2", "3", "4", "7");
  }

  @Test
  void aBatchThatGoesOneWayIsPassedOnWhole() {
    Selector selector = multiplexing(List.of("c1"), Map.of("CZ", "c1", "US", "c2"), Map.of());
    EventBatch mapped = withStates("US", "US");
    EventBatch alike = withStates("CZ", null, "DE");

    assertThat(selector.route(mapped).get(0).batch()).isSameAs(mapped);
    assertThat(selector.route(alike)).hasSize(1);
    assertThat(selector.route(alike).get(0).batch()).isSameAs(alike);
    assertThat(selector.route(EventBatch.EMPTY)).isEmpty();
  }

  @Test
  void withoutADefaultUnmappedEventsStandInARouteWithoutTargets() {
    Selector selector = multiplexing(List.of(), Map.of("CZ", "c1"), Map.of());

    List<Route> routes = selector.route(withStates("CZ", "DE"));

    assertThat(routes).hasSize(2);
    assertThat(routes.get(1).targets()).isEqualTo(new Targets(List.of(), List.of()));
    assertThat(routes.get(1).batch().eventCount()).isEqualTo(1);
  }

  @Test
  void optionalChannelsAreAddedByValueUnlessTheyAreRequiredAlready() {
    Selector selector =
        multiplexing(List.of("c3"), Map.of("CZ", "c1"), Map.of("CZ", "c1 c2", "DE", "c2\tc3"));

    List<Route> routes = selector.route(withStates("CZ", "DE", "FR"));

    assertThat(routes.stream().map(Route::targets))
        .containsExactly(
            new Targets(List.of("c1"), List.of("c2")),
            new Targets(List.of("c3"), List.of("c2")),
            new Targets(List.of("c3"), List.of()));
  }

  @Test
  void onlyChannelsThatAreNeverRequiredAreOptionalWhateverTheEvent() {
    MultiplexingSelectorOptions options =
        new MultiplexingSelectorOptions(
            "state", List.of("c3"), Map.of("CZ", "c1"), Map.of("CZ", "c2", "DE", "c1 c3"));

    assertThat(options.optionalChannels(CHANNELS)).containsExactly("c2");
  }
}
