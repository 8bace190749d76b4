// What the ports around reset and power remember.

namespace Lguest.Pc.Chips;

/// <summary>The registers of <see cref="SystemControl"/>.</summary>
/// <param name="PostCode">Port 80h.</param>
/// <param name="PortA">Port 92h.</param>
/// <param name="ResetControl">Port CF9h.</param>
/// <param name="PowerStatus">PM1 status.</param>
/// <param name="PowerEnable">PM1 enable.</param>
/// <param name="PowerControl">PM1 control.</param>
public readonly record struct SystemControlState(
    byte PostCode, byte PortA, byte ResetControl, ushort PowerStatus, ushort PowerEnable, ushort PowerControl);
