/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import io.millrace.api.ComponentCatalog;
import io.millrace.api.ConfigurationException;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.kit.log.LogText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns the properties of Flume's embedded agent into the configuration of an agent, and what is
 * wrong with that back into their words. Confined to one call of {@link #read}.
 */
final class AgentProperties {
  private static final Set<String> RESERVED = Set.of("source", "channel", "processor");

  private static final Map<String, List<String>> TYPES =
      Map.of(
          "source", List.of("embedded", "org.apache.flume.agent.embedded.embeddedsource"),
          "channel",
              List.of(
                  "memory",
                  "file",
                  "org.apache.flume.channel.memorychannel",
                  "org.apache.flume.channel.file.filechannel"),
          "processor", List.of("default", "failover", "load_balance"),
          "sink", List.of("avro", "org.apache.flume.sink.avrosink"));

  private final String agent;
  private final Map<String, String> given;
  private final List<String> errors = new ArrayList<>();

  /** Longest prefix first, what stands for it in the properties of the application. */
  private final Map<String, String> prefixes = new LinkedHashMap<>();

  private AgentProperties(String agent, Map<String, String> given) {
    this.agent = agent;
    this.given = new TreeMap<>(given);
  }

  /** An agent and what is to be said about its properties. */
  record Read(AgentDefinition agent, List<String> warnings) {}

  /**
   * Reads the properties of the agent.
   *
   * @throws ConfigurationException that names everything that cannot be
   */
  static Read read(String name, Map<String, String> properties) {
    return new AgentProperties(nameInKeys(name), properties).read(name);
  }

  /** Flume takes blanks out; a dot would end the agent's name in a key. */
  static String nameInKeys(String name) {
    return name.replaceAll("\\s", "").replaceAll("[^A-Za-z0-9_-]", "-");
  }

  private Read read(String name) {
    List<String> sinks = sinks();
    check("source", "embedded");
    check("channel", "");
    check("processor", "");
    for (String sink : sinks) {
      check(sink, "");
    }
    for (String key : given.keySet()) {
      String first = key.contains(".") ? key.substring(0, key.indexOf('.')) : "";
      if (!key.equals("sinks") && !RESERVED.contains(first) && !sinks.contains(first)) {
        errors.add(
            LogText.of(key)
                + " belongs to nothing (expected: sinks, source.*, channel.*, processor.* or the"
                + " name of a sink and its option)");
      }
    }
    if (given.containsKey("source.channels")) {
      errors.add("source.channels cannot be set: the agent has one channel");
    }
    refuseIfWrong(name);
    return bind(name, text(sinks));
  }

  private List<String> sinks() {
    String list = given.getOrDefault("sinks", "").trim();
    List<String> sinks = list.isEmpty() ? List.of() : List.of(list.split("\\s+"));
    if (sinks.isEmpty()) {
      errors.add("sinks is required and not set (expected: names of sinks)");
    }
    for (String sink : sinks) {
      if (RESERVED.contains(sink) || sink.contains(".")) {
        errors.add("sinks: '" + LogText.of(sink) + "' cannot be the name of a sink");
      }
    }
    return sinks.stream().filter(sink -> !RESERVED.contains(sink)).distinct().toList();
  }

  /** Whether the part has a type that an embedded agent may have. */
  private void check(String part, String otherwise) {
    String key = part + ".type";
    String type = given.getOrDefault(key, otherwise).trim();
    List<String> types = TYPES.getOrDefault(part, TYPES.get("sink"));
    List<String> names = types.stream().filter(word -> word.indexOf('.') < 0).toList();
    if (type.isEmpty()) {
      errors.add(key + " is required and not set (expected: " + String.join(", ", names) + ")");
    } else if (!types.contains(type.toLowerCase(Locale.ROOT))) {
      errors.add(
          key
              + ": '"
              + LogText.of(type)
              + "' cannot be part of an embedded agent (expected: "
              + String.join(", ", names)
              + ")");
    }
  }

  private void refuseIfWrong(String name) {
    if (!errors.isEmpty()) {
      throw new ConfigurationException(
          "Embedded agent "
              + LogText.of(name)
              + ": "
              + String.join("; ", errors)
              + ". It was not configured.");
    }
  }

  private PropertiesText text(List<String> sinks) {
    String source = "source-" + agent;
    String channel = "channel-" + agent;
    String group = "sink-group-" + agent;
    Properties all = new Properties();
    all.setProperty(agent + ".sources", source);
    all.setProperty(agent + ".channels", channel);
    all.setProperty(agent + ".sinks", String.join(" ", sinks));
    all.setProperty(agent + ".sinkgroups", group);
    prefixes.put(agent + ".sinkgroups." + group + ".processor.", "processor.");
    prefixes.put(agent + ".sinkgroups." + group + ".", "");
    prefixes.put(agent + ".sources." + source + ".", "source.");
    prefixes.put(agent + ".channels." + channel + ".", "channel.");
    for (String sink : sinks) {
      prefixes.put(agent + ".sinks." + sink + ".", sink + ".");
    }
    given.forEach(
        (key, value) ->
            prefixes.forEach(
                (full, own) -> {
                  if (!own.isEmpty() && key.startsWith(own)) {
                    all.setProperty(full + key.substring(own.length()), value);
                  }
                }));
    all.setProperty(agent + ".sources." + source + ".type", "embedded");
    all.setProperty(agent + ".sources." + source + ".channels", channel);
    all.setProperty(agent + ".sinkgroups." + group + ".sinks", String.join(" ", sinks));
    sinks.forEach(sink -> all.setProperty(agent + ".sinks." + sink + ".channel", channel));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      all.store(text, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new PropertiesText("", text.toByteArray());
  }

  private Read bind(String name, PropertiesText text) {
    List<ComponentCatalog> catalogs = new ArrayList<>();
    ServiceLoader.load(ComponentCatalog.class, AgentProperties.class.getClassLoader())
        .forEach(catalogs::add);
    catalogs.add(() -> List.of(EmbeddedSourceOptions.class));
    AgentResult result =
        new ConfigurationLoader(Catalog.of(catalogs), Environment.ofProcess())
            .loadTexts(List.of(text))
            .agent(agent, Strictness.STRICT);
    List<String> warnings = new ArrayList<>();
    for (Problem problem : result.problems()) {
      (problem.isError() ? errors : warnings).add(inTheirWords(problem));
    }
    if (result.agent().isEmpty() && errors.isEmpty()) {
      errors.add("the configuration cannot run");
    }
    refuseIfWrong(name);
    return new Read(result.agent().orElseThrow(), warnings);
  }

  private String inTheirWords(Problem problem) {
    String key = problem.key();
    for (Map.Entry<String, String> prefix : prefixes.entrySet()) {
      if (key.startsWith(prefix.getKey())) {
        key = prefix.getValue() + key.substring(prefix.getKey().length());
        break;
      }
    }
    String remedy = problem.remedy().isEmpty() ? "" : ". " + problem.remedy();
    return (key.isEmpty() ? "" : key + ": ") + problem.message() + remedy;
  }
}
