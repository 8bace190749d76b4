// The signature of a row in the instruction table.
using Iced.Intel;

namespace Lguest.Guest.Decode;

/// <summary>Lays down the operation (or operations) of one decoded instruction.</summary>
internal delegate void Emitter(BlockBuilder builder, in Instruction instruction);
