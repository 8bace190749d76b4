// The date and time as the registers of the clock hold them: in binary or decimal digits, of 24 hours or twice 12. Registers may hold
// anything, since a Guest writes them one by one; what is out of range is brought to the nearest that is in it.

namespace Lguest.Pc.Chips;

/// <summary>A date and time, all fields in range.</summary>
/// <param name="Year">1-9999.</param>
/// <param name="Month">1-12.</param>
/// <param name="Day">1-31, not above the length of the month.</param>
/// <param name="Weekday">1-7; 1 is Sunday.</param>
/// <param name="Hour">0-23.</param>
/// <param name="Minute">0-59.</param>
/// <param name="Second">0-59.</param>
internal readonly record struct ClockFields(int Year, int Month, int Day, int Weekday, int Hour, int Minute, int Second)
{
    private const int CenturyRegister = 0x32;
    private const byte BinaryMode = 0x04; // B: DM
    private const byte HoursOf24 = 0x02;  // B: 24/12
    private const byte Afternoon = 0x80;

    /// <summary>Whether a register holds a part of the time, so not an alarm or memory.</summary>
    public static bool IsTime(int index) => index is 0 or 2 or 4 or (>= 6 and <= 9) or CenturyRegister;

    /// <param name="seconds">Since 1970 UTC; what a date cannot hold is brought into its range.</param>
    public static DateTime DateOf(long seconds) => DateTime.UnixEpoch.AddSeconds(Math.Clamp(seconds, -62_135_596_800, 253_402_300_799));

    /// <param name="seconds">Since 1970 UTC.</param>
    /// <param name="weekdayShift">What the weekday is ahead of the calendar's, 0-6.</param>
    public static ClockFields FromSeconds(long seconds, int weekdayShift)
    {
        var date = DateOf(seconds);
        return new ClockFields(date.Year, date.Month, date.Day, (((int)date.DayOfWeek + weekdayShift) % 7) + 1,
            date.Hour, date.Minute, date.Second);
    }

    /// <param name="memory">The registers.</param>
    /// <param name="control">Register B.</param>
    public static ClockFields Read(in ClockMemory memory, byte control)
    {
        int year = Math.Clamp(Number(memory[9], control), 0, 99) + (Math.Clamp(Number(memory[CenturyRegister], control), 0, 99) * 100);
        year = Math.Max(1, year);
        int month = Math.Clamp(Number(memory[8], control), 1, 12);
        return new ClockFields(year, month, Math.Clamp(Number(memory[7], control), 1, DateTime.DaysInMonth(year, month)),
            Math.Clamp(Number(memory[6], control), 1, 7), Math.Clamp(HourOf(memory[4], control), 0, 23),
            Math.Clamp(Number(memory[2], control), 0, 59), Math.Clamp(Number(memory[0], control), 0, 59));
    }

    /// <summary>Seconds since 1970 UTC; the weekday does not count.</summary>
    public long ToSeconds() =>
        (new DateTime(Year, Month, Day, Hour, Minute, Second, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;

    /// <param name="memory">The registers to fill; alarm and memory are left alone.</param>
    /// <param name="control">Register B.</param>
    public void Write(ref ClockMemory memory, byte control)
    {
        int hour = Hour % 12 == 0 ? 12 : Hour % 12;
        memory[0] = Digits(Second, control);
        memory[2] = Digits(Minute, control);
        memory[4] = (control & HoursOf24) != 0 ? Digits(Hour, control) : (byte)(Digits(hour, control) | (Hour >= 12 ? Afternoon : 0));
        memory[6] = Digits(Weekday, control);
        memory[7] = Digits(Day, control);
        memory[8] = Digits(Month, control);
        memory[9] = Digits(Year % 100, control);
        memory[CenturyRegister] = Digits(Year / 100, control);
    }

    /// <summary>An hour register as 0-23, or more if it holds no hour.</summary>
    public static int HourOf(byte value, byte control)
    {
        if ((control & HoursOf24) != 0)
            return Number(value, control);
        int hour = Number((byte)(value & ~Afternoon), control);
        return hour is < 1 or > 12 ? 24 : (hour % 12) + ((value & Afternoon) != 0 ? 12 : 0);
    }

    /// <summary>A register as a number, which may be out of range.</summary>
    public static int Number(byte value, byte control) => (control & BinaryMode) != 0 ? value : ((value >> 4) * 10) + (value & 15);

    private static byte Digits(int value, byte control) =>
        (byte)((control & BinaryMode) != 0 ? value : (value / 10 << 4) | (value % 10));
}
