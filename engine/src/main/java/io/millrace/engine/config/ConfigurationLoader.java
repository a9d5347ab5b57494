/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import io.millrace.engine.config.properties.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Reads configurations. Immutable. */
public final class ConfigurationLoader {
  /** A larger file is surely something else. */
  static final int MAX_FILE_BYTES = 16 << 20;

  private final Catalog catalog;
  private final Environment environment;

  public ConfigurationLoader(Catalog catalog, Environment environment) {
    this.catalog = catalog;
    this.environment = environment;
  }

  /** Reads and merges files; later ones win. What cannot be read is among the problems. */
  public Configuration load(List<Path> files) {
    List<PropertiesText> texts = new ArrayList<>();
    List<Problem> unreadable = new ArrayList<>();
    for (Path file : files) {
      try {
        texts.add(new PropertiesText(file.toString(), read(file)));
      } catch (UnreadableException e) {
        unreadable.add(
            new Problem(
                Severity.ERROR, Place.of(file.toString()), "", "", e.getMessage(), e.remedy));
      }
    }
    return configuration(texts, unreadable);
  }

  /** As {@link #load}, for texts that came another way. */
  public Configuration loadTexts(List<PropertiesText> texts) {
    return configuration(texts, List.of());
  }

  /**
   * Tells contents apart: the same text for the same bytes of all files in their order. Why a file
   * cannot be read now counts as its content.
   */
  public String fingerprint(List<Path> files) {
    MessageDigest digest = sha256();
    for (Path file : files) {
      byte[] content;
      try {
        content = read(file);
      } catch (UnreadableException e) {
        content = e.getMessage().getBytes(StandardCharsets.UTF_8);
        digest.update((byte) 1);
      }
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array());
      digest.update(content);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private Configuration configuration(List<PropertiesText> texts, List<Problem> unreadable) {
    Settings settings = Settings.read(texts).resolved(environment);
    return new Configuration(
        catalog,
        environment,
        settings,
        texts.stream().map(PropertiesText::name).distinct().toList(),
        unreadable);
  }

  private static byte[] read(Path file) throws UnreadableException {
    if (Files.isDirectory(file)) {
      throw new UnreadableException("is a directory (expected: a properties file)", "");
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".json")
        || name.endsWith(".yaml")
        || name.endsWith(".yml")
        || name.endsWith(".xml")) {
      throw new UnreadableException(
          "was not read, for its name says that it is no properties file", "Rename it if it is.");
    }
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] bytes = stream.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new UnreadableException(
            "is larger than " + MAX_FILE_BYTES + " bytes and was not read", "");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new UnreadableException("does not exist", "");
    } catch (AccessDeniedException e) {
      throw new UnreadableException("may not be read by this user", "Check its permissions.");
    } catch (IOException e) {
      throw new UnreadableException("cannot be read: " + e.getMessage(), "");
    }
  }

  private static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    UnreadableException(String message, String remedy) {
      super(message);
      this.remedy = remedy;
    }
  }
}
