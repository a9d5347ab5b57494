/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Options of the multiplexing selector. Immutable. */
@Component(
    kind = ComponentKind.SELECTOR,
    name = "multiplexing",
    flumeClasses = "org.apache.flume.channel.MultiplexingChannelSelector",
    summary = "Sends each event to the channels that the value of one header is mapped to.")
public record MultiplexingSelectorOptions(
    @Option(doc = "Header that decides.", def = "flume.selector.header") String header,
    @Option(
            doc =
                "Channels of events whose header is missing, blank or not mapped; without any, such"
                    + " events are dropped and counted.",
            name = "default",
            def = "")
        List<String> defaultChannels,
    @Option(
            doc = "Channels of events with this header value, which is matched exactly.",
            name = "mapping.*")
        Map<String, String> mapping,
    @Option(
            doc =
                "Channels that get events with this header value too, and whose failure the source"
                    + " never sees.",
            name = "optional.*")
        Map<String, String> optional)
    implements SelectorOptions {
  public MultiplexingSelectorOptions {
    defaultChannels = List.copyOf(defaultChannels);
    mapping = Map.copyOf(mapping);
    optional = Map.copyOf(optional);
  }

  @Override
  public Selector build(List<String> channels) {
    ChannelNames names = new ChannelNames(channels);
    names.check("default", defaultChannels);
    Map<String, Selector.Targets> byValue = new HashMap<>();
    // In the order of the values, so that the first problem named is the same each time.
    new TreeMap<>(mapping)
        .forEach(
            (value, text) ->
                byValue.put(
                    value, new Selector.Targets(names.parse("mapping." + value, text), List.of())));
    new TreeMap<>(optional)
        .forEach(
            (value, text) -> {
              List<String> required =
                  byValue.containsKey(value) ? byValue.get(value).required() : defaultChannels;
              List<String> added =
                  names.parse("optional." + value, text).stream()
                      .filter(name -> !required.contains(name))
                      .toList();
              byValue.put(value, new Selector.Targets(required, added));
            });
    return new HeaderRouting(
        header, new Selector.Targets(defaultChannels, List.of()), Map.copyOf(byValue));
  }

  @Override
  public List<String> optionalChannels(List<String> channels) {
    ChannelNames names = new ChannelNames(channels);
    return channels.stream()
        .filter(
            channel ->
                !defaultChannels.contains(channel)
                    && mapping.entrySet().stream()
                        .noneMatch(
                            entry ->
                                names
                                    .parse("mapping." + entry.getKey(), entry.getValue())
                                    .contains(channel))
                    && optional.entrySet().stream()
                        .anyMatch(
                            entry ->
                                names
                                    .parse("optional." + entry.getKey(), entry.getValue())
                                    .contains(channel)))
        .toList();
  }
}
