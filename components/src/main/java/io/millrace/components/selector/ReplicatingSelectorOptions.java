/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import java.util.List;

/** Options of the replicating selector. Immutable. */
@Component(
    kind = ComponentKind.SELECTOR,
    name = "replicating",
    flumeClasses = "org.apache.flume.channel.ReplicatingChannelSelector",
    summary = "Sends every event to every channel of the source.")
public record ReplicatingSelectorOptions(
    @Option(doc = "Channels whose failure the source never sees.", def = "") List<String> optional)
    implements SelectorOptions {
  public ReplicatingSelectorOptions {
    optional = List.copyOf(optional);
  }

  @Override
  public Selector build(List<String> channels) {
    ChannelNames names = new ChannelNames(channels);
    names.check("optional", optional);
    Selector.Targets targets =
        new Selector.Targets(
            channels.stream().filter(channel -> !optional.contains(channel)).toList(),
            channels.stream().filter(optional::contains).toList());
    return batch -> List.of(new Selector.Route(batch, targets));
  }

  @Override
  public List<String> optionalChannels(List<String> channels) {
    return channels.stream().filter(optional::contains).toList();
  }
}
