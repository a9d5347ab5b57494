/* SPDX-License-Identifier: Apache-2.0 */
/** {@code millrace replay}: sends stored events in again. */
package io.millrace.app.replay;
