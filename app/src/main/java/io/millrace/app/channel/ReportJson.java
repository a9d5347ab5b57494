/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.inspect.CheckpointReport;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.FileReport;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.SegmentReport;
import io.millrace.journal.mirror.StoredCopies;
import io.millrace.journal.mirror.StoredCopy;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Reports for programs. Names are stable; more may be added. Stateless. */
final class ReportJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportJson() {}

  static String info(JournalReport report) {
    return infoNode(report).toPrettyString();
  }

  private static ObjectNode infoNode(JournalReport report) {
    ObjectNode root = JSON.createObjectNode();
    report.journalId().ifPresent(id -> root.put("journalId", id.toString()));
    root.put("formatVersion", 1);
    root.put("inUse", report.isInUse());
    root.put("waitingEvents", report.waitingRecords());
    ArrayNode lanes = root.putArray("lanes");
    report.lanes().forEach(lane -> lane(lanes.addObject(), lane));
    ArrayNode absent = root.putArray("missingLanes");
    report
        .absentLanes()
        .forEach(
            lane -> {
              ObjectNode node = absent.addObject();
              node.put("lane", lane.laneIndex());
              checkpoint(node.putObject("checkpoint"), lane.checkpoint());
            });
    ArrayNode obstacles = root.putArray("obstacles");
    report
        .obstacles()
        .forEach(
            obstacle ->
                obstacles
                    .addObject()
                    .put("code", obstacle.code().name())
                    .put("message", obstacle.message()));
    ArrayNode next = root.putArray("nextStart");
    new NextStart(report).sentences().forEach(next::add);
    return root;
  }

  private static void lane(ObjectNode node, LaneReport lane) {
    node.put("directory", lane.directory().toString());
    node.put("state", lower(lane.state()));
    if (!lane.isUsable()) {
      node.put("trouble", lane.trouble());
      return;
    }
    node.put("lane", lane.laneIndex());
    node.put("waitingEvents", lane.waitingRecords());
    node.put("lowWater", lane.lowWater());
    node.put("nextSequence", lane.nextSequence());
    node.put("usableBytes", lane.usableBytes());
    lane.copies().ifPresent(those -> copies(node.putObject("copies"), those));
    ArrayNode checkpoints = node.putArray("checkpoints");
    lane.checkpoints().forEach(each -> checkpoint(checkpoints.addObject(), each));
    ArrayNode quarantined = node.putArray("quarantined");
    lane.quarantined().forEach(each -> file(quarantined.addObject(), each));
    ArrayNode segments = node.putArray("segments");
    lane.segments().forEach(each -> segment(segments.addObject(), each));
  }

  private static void copies(ObjectNode node, StoredCopies copies) {
    node.put("inSync", copies.readDirectories().size());
    node.put("leftOut", copies.isLeftOut());
    node.put("bytesToCopy", copies.bytesToCopy());
    ArrayNode each = node.putArray("directories");
    for (StoredCopy copy : copies.copies()) {
      each.addObject()
          .put("directory", copy.directory().toString())
          .put("state", lower(copy.state()));
    }
  }

  private static void checkpoint(ObjectNode node, CheckpointReport checkpoint) {
    node.put("path", checkpoint.file().path().toString());
    node.put("state", lower(checkpoint.state()));
    node.put("waitingEvents", checkpoint.waitingRecords());
    modified(node, checkpoint.file());
  }

  private static void file(ObjectNode node, FileReport file) {
    node.put("name", file.name());
    node.put("bytes", file.bytes());
    modified(node, file);
  }

  private static void modified(ObjectNode node, FileReport file) {
    file.modified().map(Instant::toString).ifPresent(time -> node.put("modified", time));
  }

  private static void segment(ObjectNode node, SegmentReport segment) {
    file(node, segment.file());
    node.put("kind", lower(segment.kind()));
    node.put("ordinal", segment.ordinal());
    node.put("firstSequence", segment.firstSequence());
    node.put("endSequence", segment.endSequence());
    node.put("waitingEvents", segment.waitingRecords());
    node.put("headerDamaged", segment.isSalvaged());
    segment
        .sample()
        .ifPresent(
            sample -> {
              sample.keyAlias().ifPresent(alias -> node.put("keyAlias", alias));
              node.put("compression", ReportText.packing(sample.compression()));
            });
  }

  /** The findings of a verification, as a property beside those of the info. */
  static String verify(JournalReport report, VerifyResult result) {
    ObjectNode root = infoNode(report);
    ObjectNode verified = root.putObject("verified");
    verified.put("frames", result.frames());
    verified.put("events", result.events());
    verified.put("storedBytes", result.storedBytes());
    verified.put("unopenedFrames", result.unopenedFrames());
    verified.put("whole", result.isWhole());
    verified.put("lostEvents", result.lostEvents());
    ArrayNode damages = verified.putArray("damages");
    result.damages().forEach(damage -> damage(damages.addObject(), damage));
    return root.toPrettyString();
  }

  private static void damage(ObjectNode node, Damage damage) {
    node.put("kind", lower(damage.kind()));
    if (damage.laneIndex() >= 0) {
      node.put("lane", damage.laneIndex());
    }
    node.put("file", damage.file());
    node.put("position", damage.position());
    node.put("endPosition", damage.endPosition());
    node.put("lostEvents", damage.lostRecords());
    ArrayNode lost = node.putArray("lostSequences");
    ranges(lost, damage.lost());
  }

  private static void ranges(ArrayNode node, List<SequenceRange> ranges) {
    ranges.forEach(range -> node.addObject().put("first", range.first()).put("end", range.end()));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
