/* A CUDA runtime for one device that computes nothing: its memory is the host's, and kernels are not run.
 *
 * Only what torch needs is here; `build.py` adds every other function that torch names, which does nothing and says
 * that it went well.  As the real one it reads CUDA_VISIBLE_DEVICES when it is first asked, and a process that was
 * forked after that has no device.
 */
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t TOTAL = (size_t)8 << 30;

typedef struct Block { char *begin; size_t size; struct Block *next; } Block;
static Block *on_device, *pinned;
static size_t used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread cudaError_t last_error;
static pid_t first_asked_by;
static int is_visible;

static cudaError_t fail(cudaError_t error) { return last_error = error; }

static cudaError_t initialize(void) {
    if (!first_asked_by) {
        const char *visible = getenv("CUDA_VISIBLE_DEVICES");
        first_asked_by = getpid();
        is_visible = !visible || *visible;
        dlopen("libcuda.so.1", RTLD_NOW);  /* seen in /proc/self/maps, as with the real one */
    }
    if (first_asked_by != getpid()) return fail(cudaErrorInitializationError);
    return is_visible ? cudaSuccess : fail(cudaErrorNoDevice);
}

#define NEEDS_DEVICE { cudaError_t error = initialize(); if (error) return error; }

static void *keep(Block **list, size_t size, size_t alignment) {
    Block *block = malloc(sizeof *block);
    size_t rounded = (size / alignment + 1) * alignment;
    *block = (Block){aligned_alloc(alignment, rounded), size, *list};
    memset(block->begin, 0, rounded);
    *list = block;
    return block->begin;
}

static size_t drop(Block **list, void *begin) {
    for (; *list; list = &(*list)->next)
        if ((*list)->begin == begin) {
            Block *block = *list;
            size_t size = block->size;
            *list = block->next;
            free(block->begin);
            free(block);
            return size;
        }
    return 0;
}

static int holds(Block *list, const char *address) {
    for (; list; list = list->next)
        if (address >= list->begin && address < list->begin + list->size) return 1;
    return 0;
}

/* memory */

cudaError_t cudaMalloc(void **pointer, size_t size) {
    NEEDS_DEVICE
    pthread_mutex_lock(&lock);
    int fits = used + size <= TOTAL;
    *pointer = fits ? keep(&on_device, size, 512) : NULL;
    used += fits ? size : 0;
    pthread_mutex_unlock(&lock);
    return fits ? cudaSuccess : fail(cudaErrorMemoryAllocation);
}

cudaError_t cudaFree(void *pointer) {
    pthread_mutex_lock(&lock);
    used -= drop(&on_device, pointer);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaHostAlloc(void **pointer, size_t size, unsigned flags) {
    pthread_mutex_lock(&lock);
    *pointer = keep(&pinned, size, 4096);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void *pointer) {
    pthread_mutex_lock(&lock);
    drop(&pinned, pointer);
    pthread_mutex_unlock(&lock);
    return cudaSuccess;
}

cudaError_t cudaMallocAsync(void **pointer, size_t size, cudaStream_t stream) { return cudaMalloc(pointer, size); }
cudaError_t cudaFreeAsync(void *pointer, cudaStream_t stream) { return cudaFree(pointer); }

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total) {
    NEEDS_DEVICE
    *free_bytes = TOTAL - used;
    *total = TOTAL;
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t size, enum cudaMemcpyKind kind) {
    memmove(to, from, size);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, enum cudaMemcpyKind kind, cudaStream_t stream) {
    return cudaMemcpy(to, from, size, kind);
}

cudaError_t cudaMemsetAsync(void *pointer, int value, size_t size, cudaStream_t stream) {
    memset(pointer, value, size);
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *attributes, const void *pointer) {
    pthread_mutex_lock(&lock);
    enum cudaMemoryType type = holds(on_device, pointer) ? cudaMemoryTypeDevice
                               : holds(pinned, pointer)  ? cudaMemoryTypeHost
                                                         : cudaMemoryTypeUnregistered;
    pthread_mutex_unlock(&lock);
    memset(attributes, 0, sizeof *attributes);
    attributes->type = type;
    attributes->device = type == cudaMemoryTypeUnregistered ? -2 : 0;
    attributes->devicePointer = attributes->hostPointer = (void *)pointer;
    return cudaSuccess;
}

cudaError_t cudaGetSymbolAddress(void **pointer, const void *symbol) { return cudaMalloc(pointer, 4096); }

/* the device */

cudaError_t cudaGetDeviceCount(int *count) { *count = 0; NEEDS_DEVICE *count = 1; return cudaSuccess; }
cudaError_t cudaGetDevice(int *device) { *device = 0; return cudaSuccess; }
cudaError_t cudaSetDevice(int device) { NEEDS_DEVICE return device ? fail(cudaErrorInvalidDevice) : cudaSuccess; }
cudaError_t cudaDriverGetVersion(int *version) { *version = 13000; return cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int *version) { *version = 13000; return cudaSuccess; }
cudaError_t cudaDeviceCanAccessPeer(int *can, int device, int peer) { *can = 0; return cudaSuccess; }

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device) {
    NEEDS_DEVICE
    memset(properties, 0, sizeof *properties);
    strcpy(properties->name, "A device that computes nothing");
    properties->major = 9;
    properties->totalGlobalMem = TOTAL;
    properties->multiProcessorCount = 132;
    properties->warpSize = 32;
    properties->maxThreadsPerBlock = properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = 1024;
    properties->maxThreadsDim[2] = 64;
    properties->maxThreadsPerMultiProcessor = 2048;
    properties->maxBlocksPerMultiProcessor = 32;
    properties->maxGridSize[0] = 2147483647;
    properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
    properties->sharedMemPerBlock = 49152;
    properties->sharedMemPerBlockOptin = properties->sharedMemPerMultiprocessor = 232448;
    properties->regsPerBlock = properties->regsPerMultiprocessor = 65536;
    properties->l2CacheSize = 50 << 20;
    properties->textureAlignment = 512;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device) {
    switch (attribute) {
        case cudaDevAttrComputeCapabilityMajor: *value = 9; break;
        case cudaDevAttrMultiProcessorCount: *value = 132; break;
        case cudaDevAttrWarpSize: *value = 32; break;
        case cudaDevAttrMaxThreadsPerBlock:
        case cudaDevAttrMaxBlockDimX:
        case cudaDevAttrMaxBlockDimY: *value = 1024; break;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *value = 2048; break;
        case cudaDevAttrMaxGridDimX: *value = 2147483647; break;
        case cudaDevAttrMaxGridDimY:
        case cudaDevAttrMaxGridDimZ: *value = 65535; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = 49152; break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *value = 232448; break;
        default: *value = 0;
    }
    return cudaSuccess;
}

/* streams and events: all is done at once */

static void *handle(void) { return calloc(1, 64); }
cudaError_t cudaStreamCreate(cudaStream_t *stream) { *stream = handle(); return cudaSuccess; }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags) { return cudaStreamCreate(stream); }
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int priority) {
    return cudaStreamCreate(stream);
}
cudaError_t cudaStreamGetPriority(cudaStream_t stream, int *priority) { *priority = 0; return cudaSuccess; }
cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest) { *least = 0; *greatest = -5; return cudaSuccess; }
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *status) {
    *status = cudaStreamCaptureStatusNone;
    return cudaSuccess;
}
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, enum cudaStreamCaptureStatus *status, unsigned long long *id,
                                     cudaGraph_t *graph, const cudaGraphNode_t **nodes, const cudaGraphEdgeData **edges,
                                     size_t *count) {
    return cudaStreamIsCapturing(stream, status);
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void *data) { function(data); return cudaSuccess; }
cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void *data, unsigned flags) {
    callback(stream, cudaSuccess, data);
    return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t *event) { *event = handle(); return cudaSuccess; }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags) { return cudaEventCreate(event); }
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end) { *ms = 0.5f; return cudaSuccess; }

/* errors */

cudaError_t cudaGetLastError(void) { cudaError_t error = last_error; last_error = cudaSuccess; return error; }
cudaError_t cudaPeekAtLastError(void) { return last_error; }
const char *cudaGetErrorName(cudaError_t error) { return error ? "cudaErrorOfSomeKind" : "cudaSuccess"; }
const char *cudaGetErrorString(cudaError_t error) {
    switch (error) {
        case cudaSuccess: return "no error";
        case cudaErrorMemoryAllocation: return "out of memory";
        case cudaErrorInvalidDevice: return "invalid device ordinal";
        case cudaErrorNoDevice: return "no CUDA-capable device is detected";
        case cudaErrorInitializationError: return "initialization error";
        default: return "an error";
    }
}

/* kernels: registered, and not run */

static struct { dim3 grid, block; size_t shared; cudaStream_t stream; } pushed;
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, cudaStream_t stream) {
    pushed.grid = grid;
    pushed.block = block;
    pushed.shared = shared;
    pushed.stream = stream;
    return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream) {
    *grid = pushed.grid;
    *block = pushed.block;
    *shared = pushed.shared;
    *(cudaStream_t *)stream = pushed.stream;
    return cudaSuccess;
}
void **__cudaRegisterFatBinary(void *binary) { return handle(); }
char __cudaInitModule(void **module) { return 1; }
cudaError_t __cudaGetKernel(cudaKernel_t *kernel, const void *function) {
    *kernel = (cudaKernel_t)function;
    return cudaSuccess;
}
cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attributes, const void *function) {
    memset(attributes, 0, sizeof *attributes);
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->ptxVersion = attributes->binaryVersion = 90;
    attributes->maxDynamicSharedSizeBytes = 49152;
    return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *function, int size, size_t shared) {
    *blocks = 2;
    return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *function, int size,
                                                                  size_t shared, unsigned flags) {
    *blocks = 2;
    return cudaSuccess;
}
static int nothing(void) { return 0; }
cudaError_t cudaGetDriverEntryPointByVersion(const char *symbol, void **function, unsigned version,
                                             unsigned long long flags, enum cudaDriverEntryPointQueryResult *result) {
    *function = nothing;
    if (result) *result = cudaDriverEntryPointSuccess;
    return cudaSuccess;
}
