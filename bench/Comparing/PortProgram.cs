// How a Linux machine in an emulator tells where it is: a program that writes a byte to the port of a PC's first serial line, and then
// sleeps, so that the reader of the byte can stop the emulator before it does anything else.

using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

internal static class PortProgram
{
    private const int LinuxIopl = 110;
    private const int LinuxNanosleep = 162;
    private const int PauseNanoseconds = 100_000_000;
    private const ushort SerialData = 0x3f8;

    public static byte[] Bytes() => ElfProgram.Of(a =>
    {
        a.mov(eax, LinuxIopl);
        a.mov(ebx, 3);
        a.@int(0x80);
        a.mov(edx, SerialData);
        a.mov(eax, '.');
        a.@out(dx, al);
        a.push(PauseNanoseconds);
        a.push(0);
        a.mov(ebx, esp);
        a.xor(ecx, ecx);
        a.mov(eax, LinuxNanosleep);
        a.@int(0x80);
    });
}
